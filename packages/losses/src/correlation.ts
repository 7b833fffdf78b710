import type * as tf from '@tensorflow/tfjs';
import { unit } from './unit.ts';

/**
 * Pearson's correlation of two vectors, over the last axis; 0, with gradient 0, where one of them is constant.
 *
 * @param a - `[..., length]`
 * @param b - same shape
 * @returns `[...]`; the caller disposes it
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * correlation(tf.tensor2d([[1, 2, 3]]), tf.tensor2d([[2, 4, 6]])); // [1]
 */
export const correlation = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => unit(a.sub(a.mean(-1, true))).mul(unit(b.sub(b.mean(-1, true)))).sum(-1);
