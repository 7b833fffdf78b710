import type * as tf from '@tensorflow/tfjs';

/**
 * A map with its positions in one axis: `[batch, ..., channels] → [batch, positions, channels]`.
 *
 * @param x - a tap, rank ≥ 2
 * @returns a tensor that the caller disposes
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * positions(tf.ones([2, 3, 3, 4])).shape; // [2, 9, 4]
 */
export const positions = (x: tf.Tensor): tf.Tensor3D => {
  const [batch, channels] = [x.shape[0], x.shape.at(-1) ?? 1];
  return x.reshape([batch, x.size / (batch * channels), channels]);
};
