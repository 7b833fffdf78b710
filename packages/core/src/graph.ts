import type { Copy } from './copy.ts';
import type { Derived } from './derived.ts';
import type { Ensembler } from './ensembler.ts';
import type { Named } from './json.ts';
import type { Data } from './loader.ts';
import type { Model } from './model.ts';
import type { Optimizer } from './optimizer.ts';
import type { Program } from './program.ts';
import type { Scheduled } from './schedule.ts';
import type { Spec } from './spec.ts';
import type { Term } from './term.ts';
import type { NodeView, View } from './view.ts';

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
  /** By node name, for nodes that copy another: their model is that one's. */
  readonly copies: Named<Copy>;
  /** By node name, where a node sees something of its own: several views are stacked along the batch axis. */
  readonly views: Named<readonly (View | NodeView)[]>;
  /** In the order of `spec.edges`. */
  readonly edges: readonly { readonly term: Term; readonly weight: Scheduled }[];
  /** By node name, for every node that learns. */
  readonly optimizers: Named<Optimizer>;
  readonly ensembler: Ensembler | null;
  readonly program: Program;
}
