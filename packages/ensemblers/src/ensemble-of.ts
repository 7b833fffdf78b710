import { CodistillError, defineDerived, type Derived, type Ensembler, say, type Signal } from '@codistill/core';

/**
 * A node that is the ensemble of other nodes, so that an edge can start at it: students may learn from the whole cohort.
 * It has no parameters and is computed from the readings its members give in the same step.
 *
 * @param ensembler - how they are combined
 * @param options - `of`: names of the members, each once, at least one
 * @returns a derived node that emits what the ensembler combines; whoever reads it disposes the readings
 * @throws CodistillError `NO_MEMBERS`, `MEMBER_TWICE`
 * @example
 * const cohort = ensembleOf(meanProbabilities(), { of: ['small', 'tiny'] });
 * console.log(cohort.of); // ['small', 'tiny'], and typed so
 */
export const ensembleOf = <const Of extends string, const Needs extends Signal>(
  ensembler: Ensembler<Needs>,
  { of }: { readonly of: readonly Of[] },
): Derived<Of, Needs> => {
  if (of.length === 0) throw new CodistillError('NO_MEMBERS', say.ensembles.noMembers(ensembler.name));
  const twice = of.find((name, i) => of.indexOf(name) !== i);
  if (twice !== undefined) throw new CodistillError('MEMBER_TWICE', say.ensembles.memberTwice(twice));
  return defineDerived({
    package: '@codistill/ensemblers',
    name: 'ensembleOf',
    options: { ensembler, of: [...of] },
    of: [...of],
    emits: ensembler.needs,
    read: (members, context) => ensembler.combine(members, context),
  });
};
