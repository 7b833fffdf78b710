import { CodistillError, say } from '@codistill/core';
import { type Draft, type DraftEdge, findNode, namesOfRole, trained } from './draft.ts';
import { refuseSignalGap } from './signal-gap.ts';

/** The first thing a draft lacks, as the chain's type `Todo` words it. */
const todo = (draft: Draft): string | undefined => {
  if (namesOfRole(draft, 'student').length === 0) return '.students({...})';
  if (!draft.wired) return '.supervise(loss)';
  if (draft.optimizers['default'] !== undefined) return undefined;
  const missing = trained(draft).filter((name) => draft.optimizers[name] === undefined);
  if (missing.length === 0) return undefined;
  return Object.keys(draft.optimizers).length === 0 ? '.optimize(optimizer)' : `an optimizer for ${missing.map((name) => `'${name}'`).join(', ')}`;
};

/** The nodes whose weights an edge moves: a derived node passes the gradient on to its members. */
const moved = (draft: Draft, { from, to, gradient }: DraftEdge): readonly string[] => {
  const members = (name: string): readonly string[] => {
    const node = findNode(draft, name);
    return [name, ...(node?.role === 'derived' && !node.frozen ? node.part.of.flatMap(members) : [])];
  };
  return [...(gradient === 'from' ? [] : members(to)), ...(gradient === 'to' ? [] : members(from))];
};

/**
 * Refuses a draft that cannot be trained yet.
 *
 * @throws CodistillError NOT_READY, LEARNS_NOTHING, STAGE_IDLE, PHASE_UNKNOWN, SIGNAL_MISSING
 * @example
 * declare const draft: Draft;
 * refuseUnready(draft);
 */
export const refuseUnready = (draft: Draft): void => {
  const next = todo(draft);
  if (next !== undefined) throw new CodistillError('NOT_READY', say.compose.notReady(next));

  const taught = new Set(draft.edges.flatMap((edge) => moved(draft, edge)));
  const idle = trained(draft).filter((name) => !taught.has(name));
  if (idle.length > 0) throw new CodistillError('LEARNS_NOTHING', say.compose.learnsNothing(idle));

  const empty = draft.stages.find(({ name }) => draft.edges.every(({ when }) => when.length > 0 && !when.includes(name)));
  if (empty !== undefined) throw new CodistillError('STAGE_IDLE', say.compose.stageIdle(empty.name));

  const phases = draft.program?.phases ?? [];
  const stray = draft.edges.find(({ phase }) => phase !== undefined && !phases.includes(phase));
  if (stray?.phase !== undefined) throw new CodistillError('PHASE_UNKNOWN', say.compose.phaseUnknown(stray.term.name, stray.phase, phases));

  // Students may have come after `.ensemble(...)`.
  if (draft.ensemble !== undefined) {
    refuseSignalGap(draft, 'the ensembler', draft.ensemble.ensembler.needs, draft.ensemble.of ?? namesOfRole(draft, 'student'));
  }
};
