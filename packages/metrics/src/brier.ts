import type { Metric } from '@codistill/core';
import { logSoftmax } from './log-softmax.ts';
import { meanOverExamples, type Sum } from './mean-over-examples.ts';

/**
 * Brier's score: `1/n Σ Σ_c (p_c − [c = y])²`, summed over the classes as Brier (1950) had it, so from 0 to 2. (For two classes some
 * count one class only, which is half of it.) NaN of no examples.
 *
 * @example
 * const metric = brier();
 * console.log(metric.better); // 'lower'
 */
export const brier = (): Metric<'brier', Sum> =>
  meanOverExamples({
    name: 'brier',
    better: 'lower',
    value: (logits, label) => logSoftmax(logits).reduce((sum, logP, c) => sum + (Math.exp(logP) - (c === label ? 1 : 0)) ** 2, 0),
  });
