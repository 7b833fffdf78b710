import type { Metric } from '@codistill/core';
import { type Average, averaged } from './average.ts';
import { type Confusion, fromConfusion } from './from-confusion.ts';

/**
 * The harmonic mean of precision and recall: `2 TP / (2 TP + FP + FN)`, averaged over the classes (macro: the mean of the classes' F1).
 *
 * A class that makes it 0/0 counts as 0, as with scikit-learn's `zero_division=0`. NaN of no examples.
 *
 * @param options - `average`: `'macro'` (default) or `'micro'`
 * @returns a metric named `macroF1` or `microF1`
 * @example
 * console.log(f1({ average: 'macro' }).name); // 'macroF1'
 */
export const f1 = <const A extends Average = 'macro'>({ average = 'macro' as A }: { readonly average?: A } = {}): Metric<`${A}F1`, Confusion> =>
  fromConfusion(`${average}F1`, averaged(average, (right, actual, predicted) => [2 * right, actual + predicted]));
