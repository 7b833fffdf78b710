import { CodistillError, say, type Scheduled } from '@codistill/core';
import { join, linear } from '@codistill/schedulers';

/**
 * How the probability of a student's own blocks changes: not at all, growing to 1, or growing to 1 several times.
 *
 * @example
 * const schedules: readonly KeepSchedule[] = ['uniform', 'growth', 'review'];
 */
export type KeepSchedule = 'uniform' | 'growth' | 'review';

/**
 * What {@link keepProbability} is made of.
 *
 * @example
 * const options: KeepProbabilityOptions = { schedule: 'review', keep: 0.5, reviews: 2, begins: 60, epochs: 60 };
 */
export interface KeepProbabilityOptions {
  readonly schedule: KeepSchedule;
  /** p₀, from 0 to 1. */
  readonly keep: number;
  /** How often it grows in a review. */
  readonly reviews: number;
  /** The epoch in which it begins, and for how many it goes on. */
  readonly begins: number;
  readonly epochs: number;
}

/**
 * The probability that a block is the student's own: `p₀`; or `p₀ + (1 − p₀) e/E`; or that again and again, over equal parts of E.
 *
 * @param options - all of them
 * @throws CodistillError `OPTION_INVALID`
 * @example
 * const p = keepProbability({ schedule: 'growth', keep: 0.5, reviews: 2, begins: 0, epochs: 60 });
 */
export const keepProbability = ({ schedule, keep, reviews, begins, epochs }: KeepProbabilityOptions): Scheduled => {
  const refuse = (option: string, value: unknown, must: string): never => {
    throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('iakd', option, value, must));
  };
  if (!(keep >= 0 && keep <= 1)) refuse('keep', keep, 'from 0 to 1');
  if (!Number.isSafeInteger(reviews) || reviews < 1) refuse('reviews', reviews, 'an integer of at least 1');
  if (schedule === 'uniform' || keep === 1) return keep;
  const rounds = schedule === 'review' ? reviews : 1;
  const borders = Array.from({ length: rounds }, (_, round) => begins + (round * epochs) / rounds);
  const growth = linear({ from: keep, to: 1 });
  // What comes before the beginning is nobody's concern, but for the border.
  return join([...(begins > 0 ? [keep] : []), ...borders.map(() => growth)], { epochs: borders.filter((border) => border > 0) });
};
