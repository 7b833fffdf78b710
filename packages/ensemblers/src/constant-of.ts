import * as tf from '@tensorflow/tfjs';

/**
 * `f(x)` as a constant: choosing a class or a member is a step function, whose gradient is 0 wherever it exists. tfjs knows no
 * gradient of comparisons and would throw, even where the result is detached later.
 *
 * @param f - pure; its intermediate tensors are disposed here
 * @returns a new tensor, the caller's
 */
export const constantOf = (x: tf.Tensor, f: (x: tf.Tensor) => tf.Tensor): tf.Tensor =>
  tf.customGrad((...inputs: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [input, save] = inputs as [tf.Tensor, tf.GradSaveFunc];
    save([input]);
    return { value: f(input), gradFunc: (_, saved) => tf.zerosLike((saved as [tf.Tensor])[0]) };
  })(x);
