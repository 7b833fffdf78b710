import { defineSchedule, type Schedule } from '@codistill/core';
import { demand } from './option.ts';
import { checkSpan, sharePassed, type SpanOrRun } from './span.ts';

/**
 * Options of {@link linear}.
 *
 * @example
 * const options: LinearOptions = { from: 0.5, to: 1, epochs: 40 };
 */
export type LinearOptions = SpanOrRun & {
  readonly from: number;
  readonly to: number;
};

/**
 * A straight line: `from + (to − from) t`, t the share of the span that has passed; then `to`.
 *
 * @param options - the length in `epochs` or `steps`; default the whole run
 * @throws CodistillError `OPTION_INVALID`, `LENGTH_TWICE`, `OPTION_UNKNOWN`
 * @example
 * const swapIn = linear({ from: 0.5, to: 1 });
 */
export const linear = ({ from, to, ...span }: LinearOptions): Schedule => {
  demand('linear', { from, to }, 'a finite number');
  checkSpan('linear', span);
  return defineSchedule(
    { package: '@codistill/schedulers', name: 'linear', options: { from, to, ...span } },
    (progress) => from + (to - from) * sharePassed(span, progress),
  );
};
