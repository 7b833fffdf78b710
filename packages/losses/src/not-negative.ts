import { CodistillError, say } from '@codistill/core';

/**
 * Insists that options are numbers of at least 0.
 *
 * @param loss - name of the term, for the sentence
 * @param options - by name
 * @throws CodistillError `OPTION_INVALID` for the first that is not
 * @example
 * notNegative('dkd', { target: 1, nonTarget: 8 });
 */
export const notNegative = (loss: string, options: { readonly [option: string]: number }): void => {
  const wrong = Object.entries(options).find(([, value]) => !(value >= 0 && value < Infinity));
  if (wrong !== undefined) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid(loss, wrong[0], wrong[1], 'a number of at least 0'));
};
