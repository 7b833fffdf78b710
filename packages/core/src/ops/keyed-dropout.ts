import * as tf from '@tensorflow/tfjs';
import { keyedUniform } from './keyed-uniform.ts';

/**
 * Dropout whose mask is a function of a key tensor: `y = x ⊙ m / (1 − rate)` with `m = [u ≥ rate]` and u of `keyedUniform`.
 * Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting"; scaled in training instead of at
 * inference, as is usual since. The gradient is `∂x = ∂y ⊙ m / (1 − rate)`.
 *
 * @param x - any float tensor
 * @param rate - share of elements set to 0, in [0, 1)
 * @param key - int32 `[2]`, fresh each step; never read on the host
 * @param stream - the layer's own number, so that no two layers of a network share a mask
 * @param maskShape - shape of the mask, which is broadcast over x (1 where elements fall together); default x's
 * @returns a new tensor; the caller disposes it
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const y = keyedDropout(tf.ones([4, 4]), 0.5, tf.tensor1d([1, 2], 'int32'), 0);
 */
export const keyedDropout = (x: tf.Tensor, rate: number, key: tf.Tensor1D, stream: number, maskShape: readonly number[] = x.shape): tf.Tensor =>
  tf.tidy(() => {
    if (rate === 0) return x.clone();
    const mask = tf.cast(tf.greaterEqual(keyedUniform(key, maskShape, stream), rate), 'float32');
    return tf.mul(x, tf.mul(mask, 1 / (1 - rate)));
  });
