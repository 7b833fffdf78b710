import { defineSchedule, type Schedule } from '@codistill/core';
import { demand } from './option.ts';
import { checkSpan, sharePassed, type SpanOrRun } from './span.ts';

/**
 * Options of {@link oneCycle}.
 *
 * @example
 * const options: OneCycleOptions = { peak: 0.1 };
 */
export type OneCycleOptions = SpanOrRun & {
  readonly peak: number;
  /** Default `peak / 25`. */
  readonly from?: number;
  /** Default `from / 10⁴`. */
  readonly to?: number;
  /** Share of the span that leads to the peak, between 0 and 1; default 0.3. */
  readonly rise?: number;
};

const halfCosine = (from: number, to: number, share: number): number => to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;

/**
 * One cycle: half a cosine from `from` to `peak`, half a cosine down to `to`; then `to`.
 * After Smith & Topin 2018, "Super-convergence", arXiv:1708.07120. The cosines and all defaults are PyTorch's.
 *
 * With a "peak" below its ends it is the momentum's companion: `oneCycle({ from: 0.95, peak: 0.85, to: 0.95 })`.
 * PyTorch reaches `to` in the last of its `n` steps and the peak one step early: its numbers are those of
 * `{ steps: n − 1, rise: (0.3 n − 1) / (n − 1) }`.
 *
 * @param options - `peak`, `from` (default `peak / 25`), `to` (default `from / 10⁴`), `rise` (default 0.3), the length in
 *   `epochs` or `steps` (default the whole run)
 * @throws CodistillError `OPTION_INVALID`, `LENGTH_TWICE`, `OPTION_UNKNOWN`
 * @example
 * const rate = oneCycle({ peak: 0.1 });
 * const momentum = oneCycle({ from: 0.95, peak: 0.85, to: 0.95 });
 */
export const oneCycle = ({ peak, from = peak / 25, to = from / 1e4, rise = 0.3, ...span }: OneCycleOptions): Schedule => {
  demand('oneCycle', { peak, from, to }, 'a finite number');
  demand('oneCycle', { rise }, 'a number between 0 and 1', (value) => value > 0 && value < 1);
  checkSpan('oneCycle', span);
  return defineSchedule({ package: '@codistill/schedulers', name: 'oneCycle', options: { peak, from, to, rise, ...span } }, (progress) => {
    const share = sharePassed(span, progress);
    return share < rise ? halfCosine(from, peak, share / rise) : halfCosine(peak, to, (share - rise) / (1 - rise));
  });
};
