import { defineMetric, type Metric } from '@codistill/core';
import { argmax } from './argmax.ts';
import { rowsOf } from './rows-of.ts';

/** How often class r (row) was predicted as class c (column). */
export type Confusion = number[][];

/** Totals of a confusion matrix, per class. */
export interface Marginals {
  /** Examples in all. */
  readonly total: number;
  /** On the diagonal. */
  readonly right: readonly number[];
  /** Row sums: how often the class occurs. */
  readonly actual: readonly number[];
  /** Column sums: how often it is predicted. */
  readonly predicted: readonly number[];
}

/** A metric that is a function of the confusion matrix. */
export const fromConfusion = <const Name extends string>(
  name: Name,
  result: (confusion: Confusion) => number | readonly (readonly number[])[],
  better: Metric['better'] = 'higher',
): Metric<Name, Confusion> =>
  defineMetric({
    package: '@codistill/metrics',
    name,
    labels: 'class',
    needs: ['logits'],
    better,
    init: (classes): Confusion => Array.from({ length: classes }, () => new Array<number>(classes).fill(0)),
    update: (confusion, { labels, readings }) => {
      const truth = rowsOf(labels, 'class');
      rowsOf(readings, 'logits').forEach((logits, row) => {
        const counts = confusion[argmax(truth[row] ?? [])];
        const predicted = argmax(logits);
        if (counts !== undefined) counts[predicted] = (counts[predicted] ?? 0) + 1;
      });
      return confusion;
    },
    result,
  });

/** The totals from which everything else follows. */
export const marginals = (confusion: Confusion): Marginals => {
  const actual = confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
  return {
    total: actual.reduce((sum, count) => sum + count, 0),
    right: confusion.map((row, c) => row[c] ?? 0),
    actual,
    predicted: confusion.map((_, c) => confusion.reduce((sum, row) => sum + (row[c] ?? 0), 0)),
  };
};
