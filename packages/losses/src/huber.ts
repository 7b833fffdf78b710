import * as tf from '@tensorflow/tfjs';

/**
 * `½ x²` where `|x| < 1`, else `|x| − ½`, as `m (|x| − m/2)` with `m = min(|x|, 1)`. Huber 1964.
 *
 * @param x - any shape
 * @returns the shape of x; the caller disposes it
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * huber(tf.tensor1d([0.5, -2])); // [0.125, 1.5]
 */
export const huber = (x: tf.Tensor): tf.Tensor => {
  const size = x.abs();
  const m = tf.minimum(size, 1);
  return m.mul(size.sub(m.mul(0.5)));
};
