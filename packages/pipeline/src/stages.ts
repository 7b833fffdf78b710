import { CodistillError, say, type Stage } from '@codistill/core';
import { type Draft, findNode } from './draft.ts';
import { nodesOf, optionsOf } from './options.ts';
import { shown } from './noun.ts';

const stageOf = (draft: Draft, value: unknown): Stage => {
  const { name: given, epochs, freeze } = optionsOf('.stages', value, ['name', 'epochs', 'freeze']);
  const name = String(given);
  if (!Number.isSafeInteger(epochs) || Number(epochs) < 1) {
    throw new CodistillError('STAGE_EPOCHS', say.compose.stageEpochs(name, shown(epochs)));
  }
  const resting = nodesOf(draft, '.stages', 'freeze', freeze) ?? [];
  const derived = resting.find((node) => findNode(draft, node)?.role === 'derived');
  if (derived !== undefined) throw new CodistillError('TAKES_NO', say.compose.takesNo(derived, 'derived', 'freezing'));
  return { name, epochs: Number(epochs), freeze: resting };
};

/**
 * Divides training into stages; those of an earlier call are replaced.
 *
 * @throws CodistillError STAGE_EPOCHS, STAGE_TAKEN, NODE_UNKNOWN, TAKES_NO
 * @example
 * declare const draft: Draft;
 * setStages(draft, [{ name: 'alone', epochs: 60 }, { name: 'together', epochs: 140, freeze: ['teacher'] }]);
 */
export const setStages = (draft: Draft, value: unknown): Draft => {
  if (!Array.isArray(value)) throw new CodistillError('NOT_A_NOUN', say.compose.notANoun('.stages', 'a list of stages', shown(value)));
  const stages = value.map((stage) => stageOf(draft, stage));
  const twice = stages.find(({ name }, index) => stages.findIndex((other) => other.name === name) < index);
  if (twice !== undefined) throw new CodistillError('STAGE_TAKEN', say.compose.stageTaken(twice.name));
  return { ...draft, stages };
};
