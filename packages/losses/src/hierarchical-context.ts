import * as tf from '@tensorflow/tfjs';
import { perExample } from './per-example.ts';
import { averagePooled } from './resample.ts';

/** Sides of the pooled maps that are compared besides. */
const SIDES = [4, 2, 1];

/**
 * The hierarchical context loss of ReviewKD: `[ mean (a − b)² + Σ_l 2⁻ⁿ mean (pool_l a − pool_l b)² ] / (1 + Σ_l 2⁻ⁿ)` over sides
 * `l = 4, 2, 1` below the height, `n = 1, 2, …`. Chen et al. 2021, arXiv:2104.09044.
 *
 * @param a - `[batch, height, width, channels]`
 * @param b - same shape
 * @returns `[batch]`; the caller disposes it
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * hierarchicalContext(tf.ones([2, 8, 8, 3]), tf.zeros([2, 8, 8, 3])); // [1, 1]
 */
export const hierarchicalContext = (a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor => {
  const sides = SIDES.filter((side) => side < a.shape[1]);
  const parts = [
    perExample(tf.squaredDifference(a, b)),
    ...sides.map((side, index) => perExample(tf.squaredDifference(averagePooled(a, side, side), averagePooled(b, side, side))).mul(2 ** -(index + 1))),
  ];
  return tf.addN(parts).div(2 - 2 ** -sides.length);
};
