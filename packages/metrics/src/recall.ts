import type { Metric } from '@codistill/core';
import { type Average, averaged } from './average.ts';
import { type Confusion, fromConfusion } from './from-confusion.ts';

/**
 * Of the examples of a class, the share predicted as it: `TP / (TP + FN)`, averaged over the classes.
 *
 * A class that makes it 0/0 counts as 0, as with scikit-learn's `zero_division=0`. NaN of no examples.
 *
 * @param options - `average`: `'macro'` (default) or `'micro'`
 * @returns a metric named `macroRecall` or `microRecall`
 * @example
 * console.log(recall({ average: 'macro' }).name); // 'macroRecall'
 */
export const recall = <const A extends Average = 'macro'>({ average = 'macro' as A }: { readonly average?: A } = {}): Metric<`${A}Recall`, Confusion> =>
  fromConfusion(`${average}Recall`, averaged(average, (right, actual) => [right, actual]));
