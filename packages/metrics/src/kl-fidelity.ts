import type { Metric } from '@codistill/core';
import { logSoftmax } from './log-softmax.ts';
import { meanOverPairs, type Sum } from './mean-over-examples.ts';

/**
 * How far the second node's distribution is from the first one's, in nats: `1/n Σ KL(p₁ ‖ p₂) = 1/n Σ Σ_c p₁ (log p₁ − log p₂)`, at
 * temperature 1.
 *
 * Not symmetric: nodes of a pair `'a~b'` come in the order they were declared, so a teacher is the first. From 0; NaN of no
 * examples.
 *
 * @example
 * const metric = klFidelity();
 * console.log(metric.better); // 'lower'
 */
export const klFidelity = (): Metric<'klFidelity', Sum> =>
  meanOverPairs({
    name: 'klFidelity',
    better: 'lower',
    value: (first, second) => {
      const logQ = logSoftmax(second);
      return logSoftmax(first).reduce((sum, logP, c) => sum + Math.exp(logP) * (logP - (logQ[c] ?? Number.NaN)), 0);
    },
  });
