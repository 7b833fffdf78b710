import * as tf from '@tensorflow/tfjs';

/**
 * `‖x‖₂` over the last axis, never below 10⁻¹². At 0, where the root has no derivative, the gradient is 0 and not NaN: features
 * that are dead or equal do occur.
 *
 * @param x - rank ≥ 1
 * @param keepDims - whether the last axis stays, with length 1; default true
 * @returns a tensor that the caller disposes
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * norm(tf.tensor2d([[3, 4]])); // [[5]]
 */
export const norm = (x: tf.Tensor, keepDims = true): tf.Tensor => tf.sqrt(tf.maximum(x.square().sum(-1, keepDims), 1e-24));
