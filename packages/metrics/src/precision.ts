import type { Metric } from '@codistill/core';
import { type Average, averaged } from './average.ts';
import { type Confusion, fromConfusion } from './from-confusion.ts';

/**
 * Of the examples predicted as a class, the share that is of it: `TP / (TP + FP)`, averaged over the classes.
 *
 * A class that makes it 0/0 counts as 0, as with scikit-learn's `zero_division=0`. NaN of no examples.
 *
 * @param options - `average`: `'macro'` (default) or `'micro'`
 * @returns a metric named `macroPrecision` or `microPrecision`
 * @example
 * console.log(precision({ average: 'macro' }).name); // 'macroPrecision'
 */
export const precision = <const A extends Average = 'macro'>({ average = 'macro' as A }: { readonly average?: A } = {}): Metric<`${A}Precision`, Confusion> =>
  fromConfusion(`${average}Precision`, averaged(average, (right, _, predicted) => [right, predicted]));
