import { CodistillError, say } from '@codistill/core';
import { type Draft, findNode } from './draft.ts';
import { shown } from './noun.ts';

/**
 * An object that came from the user.
 *
 * @example
 * const options: Fields = { weight: 0.5 };
 */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * The value as a plain object.
 *
 * @param noun - what it should be, for the sentence
 * @throws CodistillError NOT_A_NOUN
 * @example
 * fieldsOf('.students', 'models by name', { small: 1 });
 */
export const fieldsOf = (verb: string, noun: string, value: unknown): Fields => {
  const plain = typeof value === 'object' && value !== null && !Array.isArray(value) && !('package' in value && 'options' in value);
  if (!plain) throw new CodistillError('NOT_A_NOUN', say.compose.notANoun(verb, noun, shown(value)));
  return value as Fields;
};

/**
 * A verb's options, none of them misspelt.
 *
 * @throws CodistillError NOT_A_NOUN, OPTION_UNKNOWN
 * @example
 * optionsOf('.ensemble', undefined, ['of']); // {}
 */
export const optionsOf = (verb: string, value: unknown, options: readonly string[]): Fields => {
  const fields = value === undefined ? {} : fieldsOf(verb, 'its options in one object', value);
  const unknown = Object.keys(fields).find((option) => !options.includes(option));
  if (unknown !== undefined) throw new CodistillError('OPTION_UNKNOWN', say.compose.optionUnknown(verb, unknown, options));
  return fields;
};

/**
 * One of several values; the first is the default.
 *
 * @throws CodistillError CHOICE_UNKNOWN
 * @example
 * choiceOf('.mutual', 'reduce', undefined, ['mean', 'sum']); // 'mean'
 */
export const choiceOf = <const Choice extends string | boolean>(
  verb: string,
  option: string,
  value: unknown,
  choices: readonly [Choice, ...Choice[]],
): Choice => {
  if (value === undefined) return choices[0];
  const chosen = choices.find((choice) => choice === value);
  if (chosen === undefined) throw new CodistillError('CHOICE_UNKNOWN', say.compose.choiceUnknown(verb, option, shown(value), choices.map(shown)));
  return chosen;
};

const listOf = (verb: string, option: string, value: unknown): readonly string[] => {
  const names = [...new Set(Array.isArray(value) ? value : [value])].map(String);
  if (names.length === 0) throw new CodistillError('LIST_EMPTY', say.compose.listEmpty(verb, option));
  return names;
};

/**
 * Names of existing nodes: one or a list, each counted once.
 *
 * @throws CodistillError LIST_EMPTY, NODE_UNKNOWN
 * @example
 * const to = (draft: Draft): readonly string[] | undefined => nodesOf(draft, '.distill', 'to', ['small']);
 */
export const nodesOf = (draft: Draft, verb: string, option: string, value: unknown): readonly string[] | undefined => {
  if (value === undefined) return undefined;
  const names = listOf(verb, option, value);
  const unknown = names.find((name) => findNode(draft, name) === undefined);
  if (unknown !== undefined) {
    throw new CodistillError('NODE_UNKNOWN', say.compose.nodeUnknown(unknown, draft.nodes.map(({ name }) => name)));
  }
  return names;
};

/**
 * Names of existing stages: one, a list, or none for all of training.
 *
 * @throws CodistillError STAGES_MISSING, LIST_EMPTY, STAGE_UNKNOWN
 * @example
 * const when = (draft: Draft): readonly string[] => stagesOf(draft, '.mutual', 'together');
 */
export const stagesOf = (draft: Draft, verb: string, value: unknown): readonly string[] => {
  if (value === undefined) return [];
  if (draft.stages.length === 0) throw new CodistillError('STAGES_MISSING', say.compose.stagesMissing());
  const names = listOf(verb, 'when', value);
  const existing = draft.stages.map(({ name }) => name);
  const unknown = names.find((name) => !existing.includes(name));
  if (unknown !== undefined) throw new CodistillError('STAGE_UNKNOWN', say.compose.stageUnknown(unknown, existing));
  return names;
};
