import * as tf from '@tensorflow/tfjs';
import { norm } from './norm.ts';

/** Shorter vectors have no direction worth learning from; in float32 they are what rounding left. */
const SHORTEST = 1e-8;

/**
 * `x / ‖x‖₂` over the last axis; 0, with gradient 0, where `‖x‖₂ ≤ 10⁻⁸`. The published codes divide by such a floor instead,
 * which lets gradients of 10⁸ out of a fresh or dead layer.
 *
 * @param x - rank ≥ 1
 * @returns the shape of x; the caller disposes it
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * unit(tf.tensor2d([[3, 4], [0, 0]])); // [[0.6, 0.8], [0, 0]]
 */
export const unit = (x: tf.Tensor): tf.Tensor => {
  const length = norm(x);
  // `step` is a comparison that tfjs can differentiate: by 0.
  return x.mul(tf.step(length.sub(SHORTEST))).div(tf.maximum(length, SHORTEST));
};
