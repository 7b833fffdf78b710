import type { Derived } from './derived.ts';
import type { Ensembler } from './ensembler.ts';
import type { Named } from './json.ts';
import type { Data } from './loader.ts';
import type { Model } from './model.ts';
import type { Optimizer } from './optimizer.ts';
import type { Scheduled } from './schedule.ts';
import type { Spec } from './spec.ts';
import type { Term } from './term.ts';
import type { View } from './view.ts';

/**
 * A spec together with the values its parts stand for: what an engine runs.
 *
 * @example
 * const termOf = (graph: Graph, index: number): string | undefined => graph.edges[index]?.term.name;
 */
export interface Graph {
  readonly spec: Spec;
  readonly data: Data;
  /** By node name, for every node with a network. */
  readonly models: Named<Model>;
  /** By node name, for derived nodes. */
  readonly derived: Named<Derived>;
  /** By node name, where a node has a view of its own. */
  readonly views: Named<View>;
  /** In the order of `spec.edges`. */
  readonly edges: readonly { readonly term: Term; readonly weight: Scheduled }[];
  /** By node name, for every node that learns. */
  readonly optimizers: Named<Optimizer>;
  readonly ensembler: Ensembler | null;
}
