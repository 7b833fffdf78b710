import { CodistillError, say } from '@codistill/core';

/**
 * A mean over seeds and how much single seeds scatter about it.
 *
 * @example
 * const gain: Difference = { mean: 0.012, sd: 0.004, seeds: 3 };
 */
export interface Difference {
  readonly mean: number;
  /** Standard deviation of one seed's difference (n − 1 in the denominator); NaN of a single seed. */
  readonly sd: number;
  readonly seeds: number;
}

/**
 * How much one arm of an experiment is above another: mean and standard deviation of `aᵢ − bᵢ` over the seeds both were run with.
 * Pairing takes out what a seed does to both arms alike (its initial weights, its order of batches).
 *
 * @param a - one value per seed
 * @param b - the other arm's, with the same seeds in the same order
 * @throws CodistillError `PAIRS_DIFFER` where the numbers of values differ or there are none
 * @example
 * const { mean } = pairedDifference([0.91, 0.93], [0.9, 0.9]); // 0.02
 */
export const pairedDifference = (a: readonly number[], b: readonly number[]): Difference => {
  if (a.length !== b.length || a.length === 0) throw new CodistillError('PAIRS_DIFFER', say.metrics.pairsDiffer(a.length, b.length));
  const differences = a.map((value, i) => value - (b[i] ?? Number.NaN));
  const mean = differences.reduce((sum, d) => sum + d, 0) / differences.length;
  const squares = differences.reduce((sum, d) => sum + (d - mean) ** 2, 0);
  return { mean, sd: Math.sqrt(squares / (differences.length - 1)), seeds: differences.length };
};
