import * as tf from '@tensorflow/tfjs';

/**
 * What is computed of a tensor without a way back for gradients: `∂ f(x) / ∂x = 0`, whatever f is. Unlike with `detach`, f may
 * compare and choose, which tfjs cannot differentiate even where nothing asks it to, and no activation of f is kept.
 *
 * @param x - any float tensor
 * @param f - of x, and of what it closes over
 * @returns a tensor that the caller disposes
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const most = offTape(tf.tensor1d([1, 3]), (x) => x.greaterEqual(x.max()).cast('float32')); // [0, 1]
 */
export const offTape = <X extends tf.Tensor, Y extends tf.Tensor>(x: X, f: (x: X) => Y): Y => {
  const { shape } = x;
  return tf.customGrad((input) => ({ value: f(input as X), gradFunc: () => tf.zeros(shape) }))(x);
};
