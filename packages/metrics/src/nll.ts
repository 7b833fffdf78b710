import type { Metric } from '@codistill/core';
import { logSoftmax } from './log-softmax.ts';
import { meanOverExamples, type Sum } from './mean-over-examples.ts';

/**
 * Negative log-likelihood, in nats: `1/n Σ −log p_y`.
 *
 * `y` is the argmax of the label row, `p` the softmax of the logits in float64. From 0; NaN of no examples.
 *
 * @example
 * const metric = nll();
 * console.log(metric.better); // 'lower'
 */
export const nll = (): Metric<'nll', Sum> =>
  meanOverExamples({ name: 'nll', better: 'lower', value: (logits, label) => -(logSoftmax(logits)[label] ?? Number.NaN) });
