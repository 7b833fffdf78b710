import type * as tf from '@tensorflow/tfjs';
import { rows } from './rows.ts';
import { unit } from './unit.ts';

/**
 * `mean | n(S) − n(T) |`: how far two factors are apart.
 *
 * @param S - `[batch, height, width, channels]`
 * @param T - same shape
 * @param form - `'energy'`: their `mean_c F²` over positions; `'whole'`: themselves
 * @returns `[batch]`; the caller disposes it
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * factorDistance(tf.ones([2, 4, 4, 3]), tf.ones([2, 4, 4, 3]), 'energy'); // [0, 0]
 */
export const factorDistance = (S: tf.Tensor, T: tf.Tensor, form: 'energy' | 'whole'): tf.Tensor => {
  const n = (factor: tf.Tensor): tf.Tensor => unit(rows(form === 'energy' ? factor.square().mean(-1) : factor));
  return n(S).sub(n(T)).abs().mean(-1);
};
