import { defineMetric, type Metric } from '@codistill/core';
import { argmax } from './argmax.ts';
import { logSoftmax } from './log-softmax.ts';
import { rankArea } from './rank-area.ts';
import { rowsOf } from './rows-of.ts';

/**
 * Everything seen: AUROC is about ranks, which no running sum can give.
 *
 * @example
 * const nothing: Ranked = { labels: [], scores: [[], []] };
 */
export interface Ranked {
  /** Class of each example. */
  readonly labels: number[];
  /** Per class, the log-probability of each example. */
  readonly scores: number[][];
}

/**
 * Area under the ROC curve: the probability that an example of a class scores above one that is not, ties counting one half.
 *
 * For two classes the area for class 1; for more the mean over the classes, one against the rest. Exact, from ranks of
 * log-probabilities (a probability rounds to 1 and makes ties that are none). A class without examples, or with all of them, has no
 * area and is left out of the mean; NaN if none has one. Keeps n × classes numbers until it is done.
 *
 * @example
 * const metric = auroc();
 * console.log(metric.better); // 'higher'
 */
export const auroc = (): Metric<'auroc', Ranked> =>
  defineMetric({
    package: '@codistill/metrics',
    name: 'auroc',
    labels: 'class',
    needs: ['logits'],
    better: 'higher',
    init: (classes): Ranked => ({ labels: [], scores: Array.from({ length: classes }, () => []) }),
    update: (state, { labels, readings }) => {
      rowsOf(labels, 'class').forEach((row) => state.labels.push(argmax(row)));
      rowsOf(readings, 'logits').forEach((logits) => {
        logSoftmax(logits).forEach((logP, c) => state.scores[c]?.push(logP));
      });
      return state;
    },
    result: ({ labels, scores }) => {
      // of two classes the areas are equal: one is enough
      const judged = scores.length === 2 ? [1] : scores.map((_, c) => c);
      const areas = judged
        .filter((c) => labels.includes(c) && labels.some((label) => label !== c))
        .map((c) =>
          rankArea(
            scores[c] ?? [],
            labels.map((label) => label === c),
          ),
        );
      return areas.reduce((sum, area) => sum + area, 0) / areas.length;
    },
  });
