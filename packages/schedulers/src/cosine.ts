import { defineSchedule, type Schedule } from '@codistill/core';
import { demand } from './option.ts';
import { checkSpan, sharePassed, type SpanOrRun } from './span.ts';

/**
 * Options of {@link cosine}.
 *
 * @example
 * const options: CosineOptions = { from: 0.1, to: 0.001, epochs: 100 };
 */
export type CosineOptions = SpanOrRun & {
  readonly from: number;
  /** Default 0. */
  readonly to?: number;
};

/**
 * Half a cosine: `to + (from − to) (1 + cos πt) / 2`, t the share of the span that has passed; then `to`.
 * Loshchilov & Hutter 2017, "SGDR: stochastic gradient descent with warm restarts", arXiv:1608.03983, without the restarts.
 *
 * @param options - `from`, `to` (default 0), the length in `epochs` or `steps` (default the whole run)
 * @throws CodistillError `OPTION_INVALID`, `LENGTH_TWICE`, `OPTION_UNKNOWN`
 * @example
 * const rate = cosine({ from: 0.1 });
 */
export const cosine = ({ from, to = 0, ...span }: CosineOptions): Schedule => {
  demand('cosine', { from, to }, 'a finite number');
  checkSpan('cosine', span);
  return defineSchedule(
    { package: '@codistill/schedulers', name: 'cosine', options: { from, to, ...span } },
    (progress) => to + ((from - to) * (1 + Math.cos(Math.PI * sharePassed(span, progress)))) / 2,
  );
};
