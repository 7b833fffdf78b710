import { CodistillError, type Listener, say } from '@codistill/core';

/**
 * What early stopping watches.
 *
 * @example
 * const options: EarlyStoppingOptions = { metric: 'nll', better: 'lower', patience: 3 };
 */
export interface EarlyStoppingOptions {
  /** Name of a metric that is a number; default `'accuracy'`. */
  readonly metric?: string;
  /** A node's name, or `'ensemble'` (default). */
  readonly of?: string;
  /** Which way is better; default `'higher'`. */
  readonly better?: 'higher' | 'lower';
  /** Evaluations without improvement before training stops; default 5 (our choice). */
  readonly patience?: number;
  /** By how much it must improve to count; default 0. */
  readonly minDelta?: number;
}

/**
 * Stops training when a measure has not improved for a while. Its memory is saved in checkpoints, so a resumed run stops at the
 * same epoch.
 *
 * @param options - what to watch
 * @throws CodistillError `MONITOR_MISSING` at the first evaluation that lacks the metric
 * @example
 * const listener = earlyStopping({ metric: 'accuracy', of: 'ensemble', patience: 3 });
 */
export const earlyStopping = ({
  metric = 'accuracy',
  of = 'ensemble',
  better = 'higher',
  patience = 5,
  minDelta = 0,
}: EarlyStoppingOptions = {}): Listener => {
  let best: number | null = null;
  let waited = 0;
  return {
    name: 'earlyStopping',
    on: (event, signals) => {
      if (event.type !== 'epoch' || event.evaluation === undefined) return;
      const numbers = (of === 'ensemble' ? event.evaluation.ensemble : event.evaluation.nodes[of])?.numbers ?? {};
      const value = numbers[metric];
      if (value === undefined) throw new CodistillError('MONITOR_MISSING', say.train.monitorMissing(metric, of, Object.keys(numbers)));
      const gained = best === null ? Infinity : better === 'higher' ? value - best : best - value;
      if (gained > minDelta) {
        best = value;
        waited = 0;
      } else if (++waited >= patience) {
        signals.stop(`${metric} of ${of} has not improved for ${patience} evaluations (best ${best?.toFixed(4) ?? '-'})`);
      }
    },
    save: () => ({ best, waited }),
    restore: (state) => {
      const saved = state as { readonly best: number | null; readonly waited: number };
      best = saved.best;
      waited = saved.waited;
    },
  };
};
