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
export const detach = <T extends tf.Tensor>(x: T): T => {
  // Of the shape alone: on the way back tfjs may have freed x, and what is made of dy would be computed on dy's device.
  const { shape } = x;
  return tf.customGrad((input) => ({ value: (input as tf.Tensor).clone(), gradFunc: () => tf.zeros(shape) }))(x) as T;
};
