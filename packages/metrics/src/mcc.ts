import type { Metric } from '@codistill/core';
import { type Confusion, fromConfusion, marginals } from './from-confusion.ts';

/**
 * Matthews' correlation coefficient for any number of classes (Gorodkin 2004):
 *
 * `(n Σ_c TP_c − Σ_c y_c ŷ_c) / √( (n² − Σ_c y_c²) (n² − Σ_c ŷ_c²) )`, with `y_c` how often class c occurs, `ŷ_c` how often it is predicted.
 *
 * At most 1; 0 is chance, and 0 too where labels or predictions are of one class only, as in scikit-learn. NaN of no examples.
 *
 * @example
 * const metric = mcc();
 * console.log(metric.name); // 'mcc'
 */
export const mcc = (): Metric<'mcc', Confusion> =>
  fromConfusion('mcc', (confusion) => {
    const { total: n, right, actual, predicted } = marginals(confusion);
    if (n === 0) return Number.NaN;
    const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, c) => sum + x * (b[c] ?? 0), 0);
    const hits = right.reduce((sum, count) => sum + count, 0);
    const spread = Math.sqrt((n * n - dot(actual, actual)) * (n * n - dot(predicted, predicted)));
    return spread === 0 ? 0 : (n * hits - dot(actual, predicted)) / spread;
  });
