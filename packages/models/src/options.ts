import { CodistillError, say } from '@codistill/core';

/** Refuses an option that is not an integer of at least `least`. */
export const insistInteger = (part: string, option: string, value: number, least = 1): void => {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid(part, option, value, `an integer of at least ${least}`));
  }
};

/** Refuses an option that is no rate of dropout. */
export const insistRate = (part: string, option: string, value: number): void => {
  if (!(value >= 0 && value < 1)) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid(part, option, value, 'a number from 0 to below 1'));
};

/** Refuses an option that is not a number above 0. */
export const insistPositive = (part: string, option: string, value: number): void => {
  if (!(value > 0 && Number.isFinite(value))) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid(part, option, value, 'a number above 0'));
};
