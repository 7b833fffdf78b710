import type * as tf from '@tensorflow/tfjs';

/**
 * The mean over height and width, where there are any.
 *
 * @param features - `[batch, ..., features]`
 * @returns `[batch, features]`: the caller disposes it if it is not what was given
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * pooled(tf.ones([2, 4, 4, 3])).shape; // [2, 3]
 */
export const pooled = (features: tf.Tensor): tf.Tensor2D =>
  (features.rank === 2 ? features : features.mean(features.shape.slice(1, -1).map((_, axis) => axis + 1))) as tf.Tensor2D;
