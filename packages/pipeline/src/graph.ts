import type { Derived, Graph, Model } from '@codistill/core';
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
  for (const node of draft.nodes) {
    if (node.role === 'derived') derived[node.name] = node.part;
    else models[node.name] = node.part;
  }
  return Object.freeze({
    spec: specOf(draft),
    data: draft.data,
    models,
    derived,
    views: draft.views,
    edges: draft.edges.map(({ term, weight }) => ({ term, weight })),
    optimizers: Object.fromEntries(optimizersOf(draft)),
    ensembler: draft.ensemble?.ensembler ?? null,
  });
};
