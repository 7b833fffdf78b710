import { defineSchedule, type Schedule } from '@codistill/core';
import { demand } from './option.ts';

/**
 * Options of {@link constant}.
 *
 * @example
 * const options: ConstantOptions = { value: 0.1 };
 */
export interface ConstantOptions {
  readonly value: number;
}

/**
 * Always the same number. A plain number does as well wherever a schedule is wanted.
 *
 * @throws CodistillError `OPTION_INVALID` where the value is not finite
 * @example
 * const rate = constant({ value: 0.1 });
 */
export const constant = ({ value }: ConstantOptions): Schedule => {
  demand('constant', { value }, 'a finite number');
  return defineSchedule({ package: '@codistill/schedulers', name: 'constant', options: { value } }, () => value);
};
