import { filled, type Scheduled } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { demand, demandNumber, isPositive, isShare } from './option.ts';
import { perParameter } from './per-parameter.ts';
import { below, slotOf, under, zeros } from './slots.ts';
import { defineTransform, type Transform } from './transform.ts';

/**
 * Options of {@link scaleByAdam}.
 *
 * @example
 * const options: ScaleByAdamOptions = { beta2: 0.99 };
 */
export interface ScaleByAdamOptions {
  /** What the mean of gradients keeps from step to step, from 0 to below 1; a number or a schedule. Default 0.9. */
  readonly beta1?: Scheduled;
  /** The same for the mean of their squares; default 0.999. */
  readonly beta2?: Scheduled;
  /** Added to the root of the mean square, above 0; default 1e-8. */
  readonly eps?: number;
}

/**
 * Adam's direction: `m̂ / (√v̂ + ε)`, m̂ and v̂ the bias-corrected running means of g and g².
 * Kingma & Ba 2015, "Adam: a method for stochastic optimization", arXiv:1412.6980; the defaults are the paper's.
 *
 * A bias-corrected running mean is a weighted mean, its weights 1, β, β², … into the past: `m̂ = s / n` with `s ← β₁ s + g` and
 * `n ← β₁ n + 1`; likewise `v̂ = q / k` with `q ← β₂ q + g²` and `k ← β₂ k + 1`. Kept in this form the correction is exact in
 * float32 from the first step (`1 − β₂ᵗ` is not) and for a β that changes, and a parameter costs four operations less; what depends
 * on n and k is computed once per step.
 *
 * Nine operations per parameter and seven per step. Slots: `s/<parameter>`, `q/<parameter>`, and the scalars `n` and `k`. These
 * count the node's steps: a parameter that gets its first gradient late is corrected as if it had had gradients of 0.
 *
 * @throws CodistillError `OPTION_INVALID` for constants out of range
 * @example
 * const adamByHand = chain(scaleByAdam(), descend({ lr: 0.001 }));
 */
export const scaleByAdam = ({ beta1 = 0.9, beta2 = 0.999, eps = 1e-8 }: ScaleByAdamOptions = {}): Transform => {
  demand('scaleByAdam', { beta1, beta2 }, 'a number from 0 to below 1', isShare);
  demandNumber('scaleByAdam', { eps }, 'a number above 0', isPositive);
  return defineTransform({
    package: '@codistill/optimizers',
    name: 'scaleByAdam',
    options: { beta1, beta2, eps },
    scalars: { beta1, beta2 },
    init: (parameters) => ({ ...below('s', zeros(parameters)), ...below('q', zeros(parameters)), n: filled([]), k: filled([]) }),
    transform: ({ gradients, slots, scalar }) => {
      const [β1, β2] = [scalar('beta1'), scalar('beta2')];
      const n = tf.add(tf.mul(slotOf(slots, 'n'), β1), 1);
      const k = tf.add(tf.mul(slotOf(slots, 'k'), β2), 1);
      // s/n / (√(q/k) + ε) = s / (√q · n/√k + n ε)
      const [stretch, floor] = [tf.div(n, tf.sqrt(k)), tf.mul(n, eps)];
      const sums = perParameter(gradients, { s: under('s', slots) }, (g, { s }) => tf.add(tf.mul(s, β1), g));
      const squares = perParameter(gradients, { q: under('q', slots) }, (g, { q }) => tf.add(tf.mul(q, β2), tf.square(g)));
      return {
        gradients: perParameter(sums, { q: squares }, (s, { q }) => tf.div(s, tf.add(tf.mul(tf.sqrt(q), stretch), floor))),
        slots: { ...below('s', sums), ...below('q', squares), n, k },
      };
    },
  });
};
