import { CodistillError, say, type Stage } from '@codistill/core';
import { type Draft, findNode, trained } from './draft.ts';
import { fieldsOf, nodesOf, optionsOf } from './options.ts';
import { shown } from './noun.ts';

const withNetwork = (draft: Draft): readonly string[] => draft.nodes.filter(({ role, frozen }) => role !== 'derived' || frozen).map(({ name }) => name);

const refuseOthers = (names: readonly string[], fit: readonly string[], draft: Draft, what: string): void => {
  const other = names.find((name) => !fit.includes(name));
  if (other !== undefined) throw new CodistillError('TAKES_NO', say.compose.takesNo(other, findNode(draft, other)?.frozen === true ? 'frozen' : 'derived', what));
};

const stageOf = (draft: Draft, value: unknown): Stage => {
  const { name: given, epochs, freeze, promote, reinit } = optionsOf('.stages', value, ['name', 'epochs', 'freeze', 'promote', 'reinit']);
  const name = String(given);
  if (!Number.isSafeInteger(epochs) || Number(epochs) < 1) {
    throw new CodistillError('STAGE_EPOCHS', say.compose.stageEpochs(name, shown(epochs)));
  }
  const resting = nodesOf(draft, '.stages', 'freeze', freeze) ?? [];
  refuseOthers(resting, [...withNetwork(draft), ...trained(draft)], draft, 'freezing');
  const anew = nodesOf(draft, '.stages', 'reinit', reinit);
  refuseOthers(anew ?? [], withNetwork(draft), draft, 'reinitialisation');
  const promoted = promote === undefined ? undefined : Object.entries(fieldsOf('.stages', 'promotions { from: to }', promote)).map(([from, to]) => [from, String(to)] as const);
  const both = promoted?.flat() ?? [];
  if (both.length > 0) refuseOthers(nodesOf(draft, '.stages', 'promote', both) ?? [], withNetwork(draft), draft, 'promotion');
  return {
    name,
    epochs: Number(epochs),
    freeze: resting,
    ...(promoted === undefined ? {} : { promote: Object.fromEntries(promoted) }),
    ...(anew === undefined ? {} : { reinit: anew }),
  };
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
