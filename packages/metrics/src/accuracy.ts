import type { Metric } from '@codistill/core';
import { argmax } from './argmax.ts';
import { meanOverExamples, type Sum } from './mean-over-examples.ts';

/**
 * The fraction of examples whose largest logit is that of their class: `1/n Σ [argmax z = y]`.
 *
 * Of equal logits the first counts; `y` is the argmax of the label row. From 0 to 1; NaN of no examples.
 *
 * @example
 * const metric = accuracy();
 * console.log(metric.better); // 'higher'
 */
export const accuracy = (): Metric<'accuracy', Sum> =>
  meanOverExamples({ name: 'accuracy', better: 'higher', value: (logits, label) => (argmax(logits) === label ? 1 : 0) });
