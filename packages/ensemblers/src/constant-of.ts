import * as tf from '@tensorflow/tfjs';

/**
 * `f(x)` as a constant: choosing a class or a member is a step function, whose gradient is 0 wherever it exists. tfjs knows no
 * gradient of comparisons and would throw, even where the result is detached later.
 *
 * @param f - pure; its intermediate tensors are disposed here
 * @returns a new tensor, the caller's
 */
export const constantOf = (x: tf.Tensor, f: (x: tf.Tensor) => tf.Tensor): tf.Tensor => {
  // Of the shape alone, as in core's `detach`.
  const { shape } = x;
  return tf.customGrad((input) => ({ value: f(input as tf.Tensor), gradFunc: () => tf.zeros(shape) }))(x);
};
