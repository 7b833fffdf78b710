import { defineMetric, type Metric, type PartOptions } from '@codistill/core';
import { argmax } from './argmax.ts';
import { rowsOf } from './rows-of.ts';

/** The state of every metric that is a mean: a float64 sum. */
export interface Sum {
  sum: number;
  examples: number;
}

/** A metric that is the mean of one value per example; NaN before the first. */
export const meanOverExamples = <const Name extends string>(metric: {
  readonly name: Name;
  readonly options?: PartOptions;
  readonly better: Metric['better'];
  /** @param label - the class, the argmax of the label row */
  readonly value: (logits: Float32Array, label: number) => number;
}): Metric<Name, Sum> =>
  defineMetric({
    package: '@codistill/metrics',
    name: metric.name,
    options: metric.options ?? {},
    labels: 'class',
    needs: ['logits'],
    better: metric.better,
    init: (): Sum => ({ sum: 0, examples: 0 }),
    update: (state, { labels, readings }) => {
      const truth = rowsOf(labels, 'class');
      rowsOf(readings, 'logits').forEach((logits, row) => {
        state.sum += metric.value(logits, argmax(truth[row] ?? []));
        state.examples += 1;
      });
      return state;
    },
    result: ({ sum, examples }) => sum / examples,
  });

/** The same for a pair of nodes, from the logits of both; labels are not read. */
export const meanOverPairs = <const Name extends string>(metric: {
  readonly name: Name;
  readonly better: Metric['better'];
  readonly value: (first: Float32Array, second: Float32Array) => number;
}): Metric<Name, Sum> =>
  defineMetric({
    package: '@codistill/metrics',
    name: metric.name,
    labels: 'class',
    needs: ['logits'],
    of: 'pair',
    better: metric.better,
    init: (): Sum => ({ sum: 0, examples: 0 }),
    update: (state, { readings, other }) => {
      const seconds = rowsOf(other, 'logits');
      rowsOf(readings, 'logits').forEach((first, row) => {
        state.sum += metric.value(first, seconds[row] ?? first.subarray(0, 0));
        state.examples += 1;
      });
      return state;
    },
    result: ({ sum, examples }) => sum / examples,
  });
