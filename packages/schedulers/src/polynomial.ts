import { defineSchedule, type Schedule } from '@codistill/core';
import { demand, isPositive } from './option.ts';
import { checkSpan, sharePassed, type SpanOrRun } from './span.ts';

/**
 * Options of {@link polynomial}.
 *
 * @example
 * const options: PolynomialOptions = { from: 0.01, power: 0.9 };
 */
export type PolynomialOptions = SpanOrRun & {
  readonly from: number;
  /** Default 0. */
  readonly to?: number;
  /** Above 0; default 1, a straight line. */
  readonly power?: number;
};

/**
 * A power of what is left: `to + (from − to) (1 − t)^power`, t the share of the span that has passed; then `to`.
 * With power 0.9 it is the "poly" policy that is common in segmentation.
 *
 * @param options - `from`, `to` (default 0), `power` (default 1), the length in `epochs` or `steps` (default the whole run)
 * @throws CodistillError `OPTION_INVALID`, `LENGTH_TWICE`, `OPTION_UNKNOWN`
 * @example
 * const rate = polynomial({ from: 0.01, power: 0.9 });
 */
export const polynomial = ({ from, to = 0, power = 1, ...span }: PolynomialOptions): Schedule => {
  demand('polynomial', { from, to }, 'a finite number');
  demand('polynomial', { power }, 'a number above 0', isPositive);
  checkSpan('polynomial', span);
  return defineSchedule(
    { package: '@codistill/schedulers', name: 'polynomial', options: { from, to, power, ...span } },
    (progress) => to + (from - to) * (1 - sharePassed(span, progress)) ** power,
  );
};
