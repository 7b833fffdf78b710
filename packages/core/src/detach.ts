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
  tf.customGrad((input) => ({ value: (input as tf.Tensor).clone(), gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy) }))(x) as T;
