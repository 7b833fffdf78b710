import { type EdgeSpec, type Scheduled, type Signal, type Stage, type Term, readsOf } from '@codistill/core';
import type { LiveGraph } from './live-graph.ts';

/**
 * An edge that holds in the present stage.
 *
 * @example
 * const name = (edge: ActiveEdge): string => edge.spec.id;
 */
export interface ActiveEdge {
  readonly spec: EdgeSpec;
  readonly term: Term;
  readonly weight: Scheduled;
}

/**
 * The edges of a graph that hold in a stage.
 *
 * @example
 * declare const live: LiveGraph;
 * const edges = activeEdges(live, undefined);
 */
export const activeEdges = ({ graph }: Pick<LiveGraph, 'graph'>, stage: Stage | undefined): readonly ActiveEdge[] =>
  graph.spec.edges.flatMap((spec, index) => {
    const edge = graph.edges[index];
    const holds = spec.when.length === 0 || (stage !== undefined && spec.when.includes(stage.name));
    return edge !== undefined && holds ? [{ spec, ...edge }] : [];
  });

/**
 * The signals each node must emit so that edges can be computed, derived nodes' members included.
 *
 * @example
 * declare const live: LiveGraph;
 * const wanted = signalsWanted(live, activeEdges(live, undefined));
 */
export const signalsWanted = ({ graph }: Pick<LiveGraph, 'graph'>, edges: readonly ActiveEdge[]): ReadonlyMap<string, readonly Signal[]> => {
  const wanted = new Map<string, readonly Signal[]>();
  const want = (node: string, signals: readonly Signal[]): void => {
    wanted.set(node, [...new Set([...(wanted.get(node) ?? []), ...signals])]);
    const derived = graph.derived[node];
    for (const member of derived?.of ?? []) want(member, derived === undefined ? [] : readsOf(derived, member));
  };
  for (const { spec, term } of edges) {
    want(spec.to, term.needs);
    if (spec.from !== 'labels') want(spec.from, term.needs);
  }
  return wanted;
};
