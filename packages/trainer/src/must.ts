import { CodistillError } from '@codistill/core';

/**
 * A value that is there unless this engine is wrong.
 *
 * @throws CodistillError `INTERNAL`
 * @example
 * must([7][0], 'first number'); // 7
 */
export const must = <T>(value: T | undefined, what: string): T => {
  if (value === undefined) throw new CodistillError('INTERNAL', `internal: the step has no ${what}`);
  return value;
};
