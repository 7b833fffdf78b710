import { CodistillError, say, type Stage } from '@codistill/core';

/**
 * Names of the stages of {@link generations}: `generation1`, `generation2`, ….
 *
 * @example
 * const second: GenerationName = 'generation2';
 */
export type GenerationName = `generation${number}`;

/**
 * Stages in which the student becomes the teacher and begins anew, from the second on.
 *
 * @param recipe - for what is said of a mistake
 * @param count - how many, at least one
 * @param epochs - length of each
 * @throws CodistillError `OPTION_INVALID`
 * @example
 * const stages = generations('bornAgain', 2, 60);
 * // generation1, then generation2 with { promote: { student: 'teacher' }, reinit: ['student'] }
 */
export const generations = (recipe: string, count: number, epochs: number): readonly Stage<GenerationName, 'teacher' | 'student'>[] => {
  if (!Number.isSafeInteger(count) || count < 1) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid(recipe, 'generations', count, 'an integer of at least 1'));
  return Array.from({ length: count }, (_, index) => ({
    name: `generation${index + 1}` as const,
    epochs,
    ...(index === 0 ? {} : { promote: { student: 'teacher' } as const, reinit: ['student'] as const }),
  }));
};
