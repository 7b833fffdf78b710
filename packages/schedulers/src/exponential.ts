import { defineSchedule, type Schedule } from '@codistill/core';
import { demand, isPositive } from './option.ts';
import { checkSpan, spansPassed, type SpanOrRun } from './span.ts';

/**
 * Options of {@link exponential}.
 *
 * @example
 * const options: ExponentialOptions = { from: 0.1, factor: 0.95, epochs: 1 };
 */
export type ExponentialOptions = SpanOrRun & {
  readonly from: number;
  /** What one span multiplies by, above 0. */
  readonly factor: number;
};

/**
 * Smooth growth or decay: `from · factor^(spans passed)`, in every step a little. It goes on after the first span; {@link step}
 * does the same in stairs.
 *
 * @param options - `from`, `factor`, the span it takes to multiply once, in `epochs` or `steps` (default the whole run)
 * @throws CodistillError `OPTION_INVALID`, `LENGTH_TWICE`, `OPTION_UNKNOWN`
 * @example
 * const perEpoch = exponential({ from: 0.1, factor: 0.95, epochs: 1 });
 * const hundredth = exponential({ from: 0.1, factor: 0.01 }); // 0.001 at the end of the run
 */
export const exponential = ({ from, factor, ...span }: ExponentialOptions): Schedule => {
  demand('exponential', { from }, 'a finite number');
  demand('exponential', { factor }, 'a number above 0', isPositive);
  checkSpan('exponential', span);
  return defineSchedule(
    { package: '@codistill/schedulers', name: 'exponential', options: { from, factor, ...span } },
    (progress) => from * factor ** spansPassed(span, progress),
  );
};
