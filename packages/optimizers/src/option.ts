import { CodistillError, say } from '@codistill/core';

/**
 * Refuses numbers outside their range.
 *
 * @param part - whose options these are
 * @param options - by name; all must keep the same rule
 * @param must - the rule in words; completes "must be …"
 * @param holds - the rule
 * @throws CodistillError `OPTION_INVALID`, also for what is no number
 * @example
 * demandNumber('clipByValue', { max: 1 }, 'a number above 0', isPositive);
 */
export const demandNumber = (part: string, options: Readonly<Record<string, unknown>>, must: string, holds: (value: number) => boolean): void => {
  for (const [option, value] of Object.entries(options)) {
    if (typeof value !== 'number' || !holds(value)) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid(part, option, value, must));
  }
};

/**
 * Refuses numbers outside their range, but lets schedules pass: what they give is known only while training.
 *
 * @param part - whose options these are
 * @param options - by name; all must keep the same rule
 * @param must - the rule in words; completes "must be …"
 * @param holds - the rule
 * @throws CodistillError `OPTION_INVALID`, also for what is neither number nor schedule
 * @example
 * demand('descend', { lr: 0.1 }, 'a finite number of at least 0', isNotNegative);
 */
export const demand = (part: string, options: Readonly<Record<string, unknown>>, must: string, holds: (value: number) => boolean): void => {
  const constants = Object.entries(options).filter(([, value]) => typeof value !== 'function');
  demandNumber(part, Object.fromEntries(constants), must, holds);
};

/**
 * The rule of rates.
 *
 * @example
 * demand('addDecayedWeights', { weightDecay: 5e-4 }, 'a finite number of at least 0', isNotNegative);
 */
export const isNotNegative = (value: number): boolean => value >= 0 && value < Infinity;

/**
 * The rule of limits and small constants.
 *
 * @example
 * demand('clipByValue', { max: 1 }, 'a number above 0', isPositive);
 */
export const isPositive = (value: number): boolean => value > 0 && value < Infinity;

/**
 * The rule of what an average keeps from step to step.
 *
 * @example
 * demand('scaleByAdam', { beta1: 0.9, beta2: 0.999 }, 'a number from 0 to below 1', isShare);
 */
export const isShare = (value: number): boolean => value >= 0 && value < 1;
