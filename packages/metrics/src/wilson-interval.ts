import { CodistillError, say } from '@codistill/core';
import { normalQuantile } from './normal-quantile.ts';

/**
 * A share with its confidence interval.
 *
 * @example
 * const interval: Interval = { estimate: 0.95, lower: 0.919, upper: 0.97 };
 */
export interface Interval {
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
}

/**
 * Wilson's score interval (1927) for the probability behind `successes` of `trials`, such as the accuracy on a test split:
 *
 * `( p̂ + z²/2n ± z √( p̂(1 − p̂)/n + z²/4n² ) ) / ( 1 + z²/n )`
 *
 * Never leaves [0, 1] and holds near 0 and 1, where the textbook interval `p̂ ± z √(p̂(1 − p̂)/n)` does not.
 *
 * @param successes - 0 … trials
 * @param trials - at least 1
 * @param options - `level`: how often such an interval covers the truth; default 0.95
 * @throws CodistillError `TRIALS_INVALID`, `LEVEL_INVALID`
 * @example
 * const { lower, upper } = wilsonInterval(81, 263); // 0.2553 … 0.3662
 */
export const wilsonInterval = (successes: number, trials: number, { level = 0.95 }: { readonly level?: number } = {}): Interval => {
  if (!Number.isInteger(trials) || trials < 1 || !Number.isInteger(successes) || successes < 0 || successes > trials) {
    throw new CodistillError('TRIALS_INVALID', say.metrics.trialsInvalid(successes, trials));
  }
  if (!(level > 0 && level < 1)) throw new CodistillError('LEVEL_INVALID', say.metrics.levelInvalid(level));
  const z = normalQuantile((1 + level) / 2);
  const estimate = successes / trials;
  const centre = estimate + (z * z) / (2 * trials);
  const reach = z * Math.sqrt((estimate * (1 - estimate)) / trials + (z / (2 * trials)) ** 2);
  const scale = 1 + (z * z) / trials;
  return {
    estimate,
    // exact at the ends, where the difference of two equal numbers would leave a rounding error
    lower: successes === 0 ? 0 : (centre - reach) / scale,
    upper: successes === trials ? 1 : (centre + reach) / scale,
  };
};
