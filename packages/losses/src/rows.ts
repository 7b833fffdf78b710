import type * as tf from '@tensorflow/tfjs';

/**
 * One vector per example: `[batch, ...] → [batch, elements]`.
 *
 * @param x - a tap, rank ≥ 2
 * @returns a tensor that the caller disposes
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * rows(tf.ones([2, 3, 3, 4])).shape; // [2, 36]
 */
export const rows = (x: tf.Tensor): tf.Tensor2D => x.reshape([x.shape[0], x.size / x.shape[0]]);
