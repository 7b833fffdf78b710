import { defineSchedule, type Schedule } from '@codistill/core';
import { demand, isPositive } from './option.ts';
import { requireSpan, type Span, spansPassed } from './span.ts';

/**
 * Options of {@link step}.
 *
 * @example
 * const options: StepOptions = { from: 0.1, epochs: 30 };
 */
export type StepOptions = Span & {
  readonly from: number;
  /** What each stair multiplies by, above 0; default 0.1. */
  readonly factor?: number;
};

/** A stair at `0.3 / 0.1 = 2.9999999999999996` spans is the third. */
const ROUNDING = 1e-9;

/**
 * Stairs of equal length: `from · factor^⌊spans passed⌋`.
 *
 * @param options - `from`, `factor` (default 0.1), the length of a stair in `epochs` or `steps`
 * @throws CodistillError `OPTION_INVALID`, `LENGTH_MISSING`, `LENGTH_TWICE`, `OPTION_UNKNOWN`
 * @example
 * const rate = step({ from: 0.1, epochs: 30 }); // 0.1, after 30 epochs 0.01, after 60 epochs 0.001, …
 */
export const step = ({ from, factor = 0.1, ...span }: StepOptions): Schedule => {
  demand('step', { from }, 'a finite number');
  demand('step', { factor }, 'a number above 0', isPositive);
  requireSpan('step', span);
  return defineSchedule(
    { package: '@codistill/schedulers', name: 'step', options: { from, factor, ...span } },
    (progress) => from * factor ** Math.floor(spansPassed(span, progress) + ROUNDING),
  );
};
