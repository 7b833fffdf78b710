import { defineMetric, type Metric } from '@codistill/core';
import { argmax } from './argmax.ts';
import { rowsOf } from './rows-of.ts';

/**
 * Which examples were got wrong, so that they can be looked at: rows `[id, label, predicted]` in the order of the ids, where `id` is the
 * example's index in its whole set.
 *
 * @returns a metric whose result is a table of three columns, empty where nothing was wrong
 * @example
 * const metric = mistakes();
 * console.log(metric.result(metric.init(2))); // []
 */
export const mistakes = (): Metric<'mistakes', number[][]> =>
  defineMetric({
    package: '@codistill/metrics',
    name: 'mistakes',
    labels: 'class',
    needs: ['logits'],
    better: 'neither',
    init: (): number[][] => [],
    update: (rows, { ids, labels, readings }) => {
      const truth = rowsOf(labels, 'class');
      rowsOf(readings, 'logits').forEach((logits, row) => {
        const label = argmax(truth[row] ?? []);
        const predicted = argmax(logits);
        if (predicted !== label) rows.push([ids[row] ?? -1, label, predicted]);
      });
      return rows;
    },
    result: (rows) => rows.toSorted(([a = 0], [b = 0]) => a - b).map((row) => [...row]),
  });
