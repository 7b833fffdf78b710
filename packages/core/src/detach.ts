import * as tf from '@tensorflow/tfjs';

/**
 * The same numbers, through which no gradient flows: `∂ detach(x) / ∂x = 0`. tfjs has no stop-gradient of its own.
 *
 * @param x - any float tensor
 * @returns a new tensor that shares x's memory; the caller disposes it
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const dx = tf.grad((x: tf.Tensor) => detach(x).mul(x).sum());
 * dx(tf.tensor1d([3])); // [3], not [6]
 */
export const detach = <T extends tf.Tensor>(x: T): T =>
  tf.customGrad((input, save) => {
    // Saved, because on the way back tfjs may have freed it; of the input and not of dy, because it lives on the input's device.
    (save as tf.GradSaveFunc)([input as tf.Tensor]);
    return { value: (input as tf.Tensor).clone(), gradFunc: (_, saved) => tf.zerosLike((saved)[0] as tf.Tensor) };
  })(x) as T;
