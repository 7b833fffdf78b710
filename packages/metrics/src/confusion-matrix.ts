import type { Metric } from '@codistill/core';
import { type Confusion, fromConfusion } from './from-confusion.ts';

/**
 * How often each class was predicted as each: rows are the classes of the labels, columns those predicted. All 0 of no examples.
 *
 * @returns a metric whose result is a table of `classes` rows
 * @example
 * const metric = confusionMatrix();
 * console.log(metric.result(metric.init(2))); // [[0, 0], [0, 0]]
 */
export const confusionMatrix = (): Metric<'confusionMatrix', Confusion> =>
  fromConfusion('confusionMatrix', (confusion) => confusion.map((row) => [...row]), 'neither');
