import type { Metric } from '@codistill/core';
import { argmax } from './argmax.ts';
import { meanOverPairs, type Sum } from './mean-over-examples.ts';

/**
 * The fraction of examples for which two nodes predict different classes: how much an ensemble can gain from having both (Kuncheva and
 * Whitaker 2003, on predicted classes). From 0 to 1; NaN of no examples.
 *
 * @example
 * const metric = disagreement();
 * console.log(metric.of); // 'pair'
 */
export const disagreement = (): Metric<'disagreement', Sum> =>
  meanOverPairs({ name: 'disagreement', better: 'neither', value: (first, second) => (argmax(first) === argmax(second) ? 0 : 1) });
