import { CodistillError, type Metric, say } from '@codistill/core';
import { meanOverExamples, type Sum } from './mean-over-examples.ts';

/**
 * The fraction of examples whose class is among the `k` largest logits. Of equal logits the first ones count, so `top1` is the
 * accuracy; with as many as there are classes it is 1.
 *
 * @param options - `k`: a whole number of at least 1; default 5
 * @returns a metric named `top5`, for that `k`
 * @throws CodistillError `COUNT_INVALID`
 * @example
 * console.log(topK({ k: 3 }).name); // 'top3'
 */
export const topK = <const K extends number = 5>({ k = 5 as K }: { readonly k?: K } = {}): Metric<`top${K}`, Sum> => {
  if (!Number.isInteger(k) || k < 1) throw new CodistillError('COUNT_INVALID', say.metrics.countInvalid('topK', 'k', k));
  return meanOverExamples({
    name: `top${k}`,
    options: { k },
    better: 'higher',
    value: (logits, label) => {
      const own = logits[label] ?? Number.NaN;
      // counted by what is not below, so that a NaN never counts as a hit
      const before = logits.reduce((count, z, c) => count + (c === label || (c < label ? z < own : z <= own) ? 0 : 1), 0);
      return before < k && !Number.isNaN(own) ? 1 : 0;
    },
  });
};
