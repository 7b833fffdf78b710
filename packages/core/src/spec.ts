import type { Json } from './json.ts';
import type { LabelKind } from './task.ts';

/**
 * A part as the spec records it.
 *
 * @example
 * const kd4: PartSpec = { package: '@codistill/losses', name: 'kd', options: { temperature: 4 } };
 */
export interface PartSpec {
  readonly package: string;
  readonly name: string;
  readonly options: { readonly [option: string]: Json };
}

/**
 * A node of the training graph.
 *
 * @example
 * const student: NodeSpec = { name: 'small', role: 'student', part: { package: '@codistill/models', name: 'resnet', options: { depth: 8 } }, frozen: false };
 */
export interface NodeSpec {
  readonly name: string;
  readonly role: 'teacher' | 'student' | 'derived';
  /** Its model, or what it is derived by. */
  readonly part: PartSpec;
  /** Never updated: classic distillation's teacher. */
  readonly frozen: boolean;
  /** The nodes a derived node is made of. */
  readonly of?: readonly string[];
  /** What it sees of each batch, where that is not the batch as it is; several views are stacked along the batch axis. */
  readonly views?: readonly PartSpec[];
}

/**
 * Which ends of an edge receive its gradient.
 *
 * @example
 * const usual: GradientFlow = 'to';
 */
export type GradientFlow = 'to' | 'from' | 'both';

/**
 * A loss term between two ends: what training minimises is the weighted sum over all edges.
 *
 * @example
 * const edge: EdgeSpec = {
 *   id: 'teacher-kd-small', term: { package: '@codistill/losses', name: 'kd', options: { temperature: 4 } },
 *   from: 'teacher', to: 'small', weight: 1, scale: 1, gradient: 'to', when: [],
 * };
 */
export interface EdgeSpec {
  /** `from-term-to`, with `#2`, `#3`, … where that is taken. */
  readonly id: string;
  readonly term: PartSpec;
  /** `'labels'`, or a node's name. */
  readonly from: string;
  readonly to: string;
  /** A number, or the schedule that gives it. */
  readonly weight: number | PartSpec;
  /** Constant factor beside the weight: `1 / (N − 1)` for the edges of a mutual group of N. */
  readonly scale: number;
  readonly gradient: GradientFlow;
  /** Stages it holds in; empty for all. */
  readonly when: readonly string[];
  /** The phase of the program it belongs to; absent for the main one. */
  readonly phase?: string;
}

/**
 * A stage of training.
 *
 * @example
 * const alone: StageSpec = { name: 'alone', epochs: 5, freeze: ['teacher'] };
 */
export interface StageSpec {
  readonly name: string;
  readonly epochs: number;
  readonly freeze: readonly string[];
  readonly promote?: { readonly [from: string]: string };
  readonly reinit?: readonly string[];
}

/**
 * The training graph as plain data: frozen, JSON, complete. It is the run's manifest, and its hash guards checkpoints.
 *
 * @example
 * const edgesInto = (spec: Spec, node: string): number => spec.edges.filter((edge) => edge.to === node).length;
 */
export interface Spec {
  readonly format: 'codistill/spec/1';
  readonly task: { readonly kind: LabelKind; readonly classes: number; readonly classNames: readonly string[] };
  readonly data: PartSpec;
  readonly input: readonly number[];
  readonly nodes: readonly NodeSpec[];
  readonly edges: readonly EdgeSpec[];
  /** One per node that learns. */
  readonly optimizers: { readonly [node: string]: PartSpec };
  readonly stages: readonly StageSpec[];
  /** What a step does, where that is not the joint step. */
  readonly program?: PartSpec;
  readonly ensemble: { readonly part: PartSpec; readonly of: readonly string[] } | null;
}

/**
 * Freezes a JSON value through and through, also below parts that are frozen already.
 *
 * @example
 * const spec = deepFreeze({ nodes: [{ name: 'a' }] });
 */
export const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
};
