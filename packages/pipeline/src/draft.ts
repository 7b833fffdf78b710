import type { Copy, Data, Derived, Ensembler, GradientFlow, Model, Named, NodeView, Optimizer, Program, Scheduled, Signal, Stage, Term, View } from '@codistill/core';

/**
 * A node as the chain collects it.
 *
 * @example
 * const owns = (node: DraftNode): boolean => node.role !== 'derived';
 */
export type DraftNode =
  | { readonly name: string; readonly role: 'teacher' | 'student'; readonly frozen: boolean; readonly part: Model }
  | { readonly name: string; readonly role: 'derived'; readonly frozen: false; readonly part: Derived }
  | { readonly name: string; readonly role: 'derived'; readonly frozen: true; readonly part: Copy; readonly model: Model };

/**
 * A loss between two ends as the chain collects it.
 *
 * @example
 * const comesFromLabels = (edge: DraftEdge): boolean => edge.from === 'labels';
 */
export interface DraftEdge {
  readonly term: Term;
  readonly from: string;
  readonly to: string;
  readonly weight: Scheduled;
  readonly scale: number;
  readonly gradient: GradientFlow;
  readonly when: readonly string[];
  readonly phase: string | undefined;
}

/**
 * All that a chain has been told. Never changed: each verb makes another, so a prefix can be continued in several ways.
 *
 * @example
 * const begun = (draft: Draft): boolean => draft.nodes.length > 0;
 */
export interface Draft {
  readonly data: Data;
  readonly nodes: readonly DraftNode[];
  readonly stages: readonly Stage[];
  readonly views: Named<readonly (View | NodeView)[]>;
  readonly edges: readonly DraftEdge[];
  /** By node name, and under `default`. */
  readonly optimizers: Named<Optimizer>;
  /** `undefined` for the joint step. */
  readonly program: Program | undefined;
  readonly ensemble: { readonly ensembler: Ensembler; readonly of: readonly string[] | undefined } | undefined;
  /** A loss has been placed (an edge of weight 0 leaves none behind): no node and no stage may come any more. */
  readonly wired: boolean;
}

/**
 * A draft that knows its data only.
 *
 * @example
 * declare const data: Data;
 * emptyDraft(data).nodes; // []
 */
export const emptyDraft = (data: Data): Draft => ({
  data,
  nodes: [],
  stages: [],
  views: {},
  edges: [],
  optimizers: {},
  program: undefined,
  ensemble: undefined,
  wired: false,
});

/**
 * Names of the nodes that play a role.
 *
 * @example
 * const students = (draft: Draft): readonly string[] => namesOfRole(draft, 'student');
 */
export const namesOfRole = (draft: Draft, role: DraftNode['role']): readonly string[] =>
  draft.nodes.filter((node) => node.role === role).map(({ name }) => name);

/**
 * Names of the nodes that are trained: teachers that are not frozen, and students.
 *
 * @example
 * const count = (draft: Draft): number => learners(draft).length;
 */
export const learners = (draft: Draft): readonly string[] =>
  draft.nodes.filter((node) => node.role !== 'derived' && !node.frozen).map(({ name }) => name);

/**
 * Names of the nodes that an optimizer moves: the learners, and derived nodes that own weights.
 *
 * @example
 * const count = (draft: Draft): number => trained(draft).length;
 */
export const trained = (draft: Draft): readonly string[] => [
  ...learners(draft),
  ...draft.nodes.filter((node) => node.role === 'derived' && !node.frozen && (node.part.learns ?? node.part.state !== undefined)).map(({ name }) => name),
];

/**
 * What a node emits: a copy what its original does.
 *
 * @example
 * const emitsLogits = (node: DraftNode): boolean => emitsOf(node).includes('logits');
 */
export const emitsOf = (node: DraftNode): readonly Signal[] => (node.role === 'derived' && node.frozen ? node.model.emits : node.part.emits);

/**
 * The node of a name, if there is one.
 *
 * @example
 * const taken = (draft: Draft, name: string): boolean => findNode(draft, name) !== undefined;
 */
export const findNode = (draft: Draft, name: string): DraftNode | undefined => draft.nodes.find((node) => node.name === name);
