import { type Draft, namesOfRole } from './draft.ts';
import { asEnsembler } from './noun.ts';
import { nodesOf, optionsOf } from './options.ts';
import { refuseSignalGap } from './signal-gap.ts';

/**
 * Chooses how outputs are combined; an earlier choice is replaced.
 *
 * @throws CodistillError NODE_UNKNOWN, SIGNAL_MISSING
 * @example
 * declare const draft: Draft;
 * declare const ensembler: unknown;
 * setEnsemble(draft, ensembler, { of: ['a', 'b'] });
 */
export const setEnsemble = (draft: Draft, value: unknown, options: unknown): Draft => {
  const of = nodesOf(draft, '.ensemble', 'of', optionsOf('.ensemble', options, ['of'])['of']);
  const ensembler = asEnsembler('.ensemble', value);
  refuseSignalGap(draft, 'the ensembler', ensembler.needs, of ?? namesOfRole(draft, 'student'));
  return { ...draft, ensemble: { ensembler, of } };
};
