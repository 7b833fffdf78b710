import { defineSchedule, type Schedule } from '@codistill/core';
import { type Borders, spansTo } from './borders.ts';
import { demand, isPositive } from './option.ts';
import { spansPassed } from './span.ts';

/**
 * Options of {@link multistep}.
 *
 * @example
 * const options: MultistepOptions = { from: 0.05, epochs: [150, 180, 210] };
 */
export type MultistepOptions = Borders & {
  readonly from: number;
  /** What each stair multiplies by, above 0; default 0.1. */
  readonly factor?: number;
};

/**
 * Stairs at chosen points: `from · factor^(borders passed)`.
 *
 * @param options - `from`, `factor` (default 0.1), the borders in `epochs` or `steps`, counted from the start of training
 * @throws CodistillError `OPTION_INVALID`, `BORDERS_NOT_RISING`, `BORDERS_MISSING`, `LENGTH_TWICE`, `OPTION_UNKNOWN`
 * @example
 * const rate = multistep({ from: 0.05, epochs: [150, 180, 210] });
 */
export const multistep = ({ from, factor = 0.1, ...borders }: MultistepOptions): Schedule => {
  demand('multistep', { from }, 'a finite number');
  demand('multistep', { factor }, 'a number above 0', isPositive);
  const spans = spansTo('multistep', borders);
  return defineSchedule(
    { package: '@codistill/schedulers', name: 'multistep', options: { from, factor, ...borders } },
    (progress) => from * factor ** spans.filter((span) => spansPassed(span, progress) >= 1).length,
  );
};
