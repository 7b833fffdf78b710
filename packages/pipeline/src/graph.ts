import { type Copy, type Derived, type Graph, joint, type Model } from '@codistill/core';
import type { Draft } from './draft.ts';
import { optimizersOf, specOf } from './spec.ts';

/**
 * A draft as an engine runs it: its spec, and the values the spec's parts stand for.
 *
 * @example
 * const termNames = (draft: Draft): readonly string[] => graphOf(draft).edges.map(({ term }) => term.name);
 */
export const graphOf = (draft: Draft): Graph => {
  const models: Record<string, Model> = {};
  const derived: Record<string, Derived> = {};
  const copies: Record<string, Copy> = {};
  const views: Record<string, Graph['views'][string]> = {};
  for (const node of draft.nodes) {
    const { name } = node;
    const isCopy = node.role === 'derived' && node.frozen;
    // A copy sees what its original sees, unless it was told otherwise.
    const seen = draft.views[name] ?? (isCopy ? draft.views[node.part.of[0]] : undefined);
    if (seen !== undefined) views[name] = seen;
    if (isCopy) {
      models[name] = node.model;
      copies[name] = node.part;
    } else if (node.role === 'derived') derived[name] = node.part;
    else models[name] = node.part;
  }
  return Object.freeze({
    spec: specOf(draft),
    data: draft.data,
    models,
    derived,
    copies,
    views,
    edges: draft.edges.map(({ term, weight }) => ({ term, weight })),
    optimizers: Object.fromEntries(optimizersOf(draft)),
    ensembler: draft.ensemble?.ensembler ?? null,
    program: draft.program ?? joint(),
  });
};
