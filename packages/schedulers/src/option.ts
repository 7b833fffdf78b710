import { CodistillError, say } from '@codistill/core';

/**
 * Refuses numbers outside their range.
 *
 * @param schedule - whose options these are
 * @param options - by name; all must keep the same rule
 * @param must - the rule in words; completes "must be …"
 * @param holds - the rule; default: finite
 * @throws CodistillError `OPTION_INVALID`, also for what is no number
 * @example
 * demand('cosine', { from: 0.1, to: 0 }, 'a finite number');
 */
export const demand = (schedule: string, options: Readonly<Record<string, unknown>>, must: string, holds: (value: number) => boolean = Number.isFinite): void => {
  for (const [option, value] of Object.entries(options)) {
    if (typeof value !== 'number' || !holds(value)) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid(schedule, option, value, must));
  }
};

/**
 * The rule of factors and lengths: finite and above 0.
 *
 * @example
 * demand('step', { factor: 0.1 }, 'a number above 0', isPositive);
 */
export const isPositive = (value: number): boolean => value > 0 && value < Infinity;
