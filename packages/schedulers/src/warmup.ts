import { defineSchedule, type Schedule, type Scheduled, scheduledAt } from '@codistill/core';
import { demand } from './option.ts';
import { requireSpan, sharePassed, type Span, stepsIn } from './span.ts';
import { stretch } from './stretch.ts';

/**
 * Options of {@link warmup}.
 *
 * @example
 * const options: WarmupOptions = { epochs: 5 };
 */
export type WarmupOptions = Span & {
  /** The share of the first value that it begins with; default 0. */
  readonly from?: number;
};

/**
 * A straight line up to the first value of another schedule, which then begins, with the rest of the run for its whole run:
 * `first · (from + (1 − from) t)`, t the share of the warm-up that has passed.
 * After Goyal et al. 2017, "Accurate, large minibatch SGD", arXiv:1706.02677. The default `from` is ours.
 *
 * To let the other schedule count from the start of training, as for stairs at epochs of the whole run, multiply instead:
 * `times(rampUp({ shape: 'linear', epochs: 5 }), step({ from: 0.1, epochs: 30 }))`.
 *
 * @param schedule - what comes after the warm-up
 * @param options - the length in `epochs` or `steps`; `from` (default 0)
 * @throws CodistillError `OPTION_INVALID`, `LENGTH_MISSING`, `LENGTH_TWICE`, `OPTION_UNKNOWN`
 * @example
 * const rate = warmup(cosine({ from: 0.1 }), { epochs: 5 });
 */
export const warmup = (schedule: Scheduled, { from = 0, ...span }: WarmupOptions): Schedule => {
  demand('warmup', { from }, 'a finite number');
  requireSpan('warmup', span);
  return defineSchedule({ package: '@codistill/schedulers', name: 'warmup', options: { of: schedule, from, ...span } }, (progress) => {
    const rest = stretch(progress, stepsIn(span, progress), progress.steps);
    if (rest.step >= 0) return scheduledAt(schedule, rest);
    return scheduledAt(schedule, { ...rest, step: 0, epoch: 0 }) * (from + (1 - from) * sharePassed(span, progress));
  });
};
