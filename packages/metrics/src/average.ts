import { type Confusion, marginals, type Marginals } from './from-confusion.ts';

/**
 * How a measure of single classes becomes one number: `'macro'` is the mean over the classes, each counting alike; `'micro'`
 * pools the counts of all classes first (and equals the accuracy, where every example has one class).
 *
 * @example
 * const average: Average = 'macro';
 */
export type Average = 'macro' | 'micro';

/** What a share is of: the right ones of a class, over some number of examples. */
type Share = (right: number, actual: number, predicted: number) => readonly [numerator: number, denominator: number];

const ratio = ([numerator, denominator]: readonly [number, number]): number => (denominator === 0 ? 0 : numerator / denominator);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const shareOf = ({ right, actual, predicted }: Marginals, c: number, share: Share): readonly [number, number] =>
  share(right[c] ?? 0, actual[c] ?? 0, predicted[c] ?? 0);

/** Averages a share over all classes; one that is 0/0 counts as 0 (scikit-learn's `zero_division=0` with all labels named). */
export const averaged =
  (average: Average, share: Share) =>
  (confusion: Confusion): number => {
    const counts = marginals(confusion);
    if (counts.total === 0) return Number.NaN;
    const shares = confusion.map((_, c) => shareOf(counts, c, share));
    return average === 'macro'
      ? sum(shares.map(ratio)) / shares.length
      : ratio([sum(shares.map(([numerator]) => numerator)), sum(shares.map(([, denominator]) => denominator))]);
  };
