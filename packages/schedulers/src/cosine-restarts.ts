import { defineSchedule, type Schedule } from '@codistill/core';
import { demand } from './option.ts';
import { requireSpan, type Span, spansPassed } from './span.ts';

/**
 * Options of {@link cosineRestarts}.
 *
 * @example
 * const options: CosineRestartsOptions = { from: 0.1, epochs: 10, multiplier: 2 };
 */
export type CosineRestartsOptions = Span & {
  readonly from: number;
  /** Default 0. */
  readonly to?: number;
  /** Each cycle is so many times as long as the one before, at least 1; default 1. */
  readonly multiplier?: number;
};

/** Restarts that fall on `0.3 / 0.1 = 2.9999999999999996` cycles are restarts. */
const ROUNDING = 1e-9;

/**
 * Half a cosine from `from` to `to`, again and again: `to + (from − to) (1 + cos πt) / 2`, t the share of the present cycle.
 * Loshchilov & Hutter 2017, "SGDR: stochastic gradient descent with warm restarts", arXiv:1608.03983.
 *
 * @param options - `from`, `to` (default 0), the first cycle's length in `epochs` or `steps`, `multiplier` (default 1: all
 *   cycles are equally long)
 * @throws CodistillError `OPTION_INVALID`, `LENGTH_MISSING`, `LENGTH_TWICE`, `OPTION_UNKNOWN`
 * @example
 * const rate = cosineRestarts({ from: 0.05, epochs: 10, multiplier: 2 }); // restarts after 10, 30, 70, … epochs
 */
export const cosineRestarts = ({ from, to = 0, multiplier = 1, ...span }: CosineRestartsOptions): Schedule => {
  demand('cosineRestarts', { from, to }, 'a finite number');
  demand('cosineRestarts', { multiplier }, 'a number of at least 1', (value) => value >= 1 && value < Infinity);
  requireSpan('cosineRestarts', span);
  return defineSchedule({ package: '@codistill/schedulers', name: 'cosineRestarts', options: { from, to, multiplier, ...span } }, (progress) => {
    let passed = spansPassed(span, progress);
    let length = 1;
    while (passed >= length - ROUNDING) {
      passed = Math.max(0, passed - length);
      length *= multiplier;
    }
    return to + ((from - to) * (1 + Math.cos((Math.PI * passed) / length))) / 2;
  });
};
