import type { Metric } from '@codistill/core';
import { argmax } from './argmax.ts';
import { meanOverPairs, type Sum } from './mean-over-examples.ts';

/**
 * The fraction of examples for which two nodes predict the same class, right or wrong: how faithful a student is (Stanton et al. 2021,
 * arXiv:2106.05945). From 0 to 1; NaN of no examples.
 *
 * @example
 * const metric = agreement();
 * console.log(metric.of); // 'pair'
 */
export const agreement = (): Metric<'agreement', Sum> =>
  meanOverPairs({ name: 'agreement', better: 'neither', value: (first, second) => (argmax(first) === argmax(second) ? 1 : 0) });
