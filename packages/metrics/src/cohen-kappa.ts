import type { Metric } from '@codistill/core';
import { type Confusion, fromConfusion, marginals } from './from-confusion.ts';

/**
 * Agreement of predictions and labels beyond chance (Cohen 1960): `κ = (p_o − p_e) / (1 − p_e)`, with the observed agreement `p_o` and
 * `p_e = Σ_c P(y = c) P(ŷ = c)`.
 *
 * At most 1; 0 is chance. NaN where chance alone agrees wholly (one class only), as in scikit-learn, and of no examples.
 *
 * @example
 * const metric = cohenKappa();
 * console.log(metric.name); // 'cohenKappa'
 */
export const cohenKappa = (): Metric<'cohenKappa', Confusion> =>
  fromConfusion('cohenKappa', (confusion) => {
    const { total, right, actual, predicted } = marginals(confusion);
    const observed = right.reduce((sum, count) => sum + count, 0) / total;
    const expected = actual.reduce((sum, count, c) => sum + (count / total) * ((predicted[c] ?? 0) / total), 0);
    return (observed - expected) / (1 - expected);
  });
