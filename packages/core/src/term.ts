import type * as tf from '@tensorflow/tfjs';
import type { HostArray } from './host-array.ts';
import type { Named } from './json.ts';
import type { Key } from './key.ts';
import type { Part, PartOrigin } from './part.ts';
import type { Scheduled } from './schedule.ts';
import type { Readings, Signal } from './signal.ts';
import type { LabelKind, Labels, Task } from './task.ts';

/**
 * What a term compares a node with: the batch's labels, or another node's readings.
 *
 * @example
 * const source: Source = 'node';
 */
export type Source = 'labels' | 'node';

/**
 * What the engine lends a term for one step.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const soften = (logits: tf.Tensor, context: TermContext): tf.Tensor => context.logSoftmax(logits, context.scalar('temperature'));
 */
export interface TermContext {
  /**
   * `log softmax(logits / temperature)` over the last axis, shared by all terms that ask for the same node and temperature.
   * The engine owns the result. Without `temperature`: at 1.
   */
  logSoftmax(logits: tf.Tensor, temperature?: tf.Scalar): tf.Tensor;
  /** The present value of a number the term declared under `scalars`. The engine owns it. */
  scalar(name: string): tf.Scalar;
  /** A variable the term declared in `state`. The engine owns it. */
  variable(name: string): tf.Variable;
}

/**
 * What the engine lends a term besides, about the examples of the batch.
 *
 * @example
 * import type * as tf from '@tensorflow/tfjs';
 * const rows = (context: BatchContext<'class'>): tf.Tensor => context.labels.class;
 */
export interface BatchContext<Kind extends LabelKind = LabelKind> extends TermContext {
  /** The labels, as the node that learns sees them, for a term between nodes that declares their kind. The engine owns them. */
  readonly labels: Labels<Kind, tf.Tensor>;
  /** Index of each example in its whole set, int32 `[batch]`. The engine owns it. */
  readonly ids: tf.Tensor1D;
  /** The parameters of the node at an end, for a term between weights; those of the source without a gradient. The engine owns them. */
  parameters(end: 'to' | 'from'): Named<tf.Tensor>;
}

/**
 * What a term may own: `parameters` are trained with the node at the edge's end, `buffers` are moved by the term itself,
 * which assigns them in `compute`, after their last use there.
 *
 * @example
 * const none: TermState = { parameters: {}, buffers: {} };
 */
export interface TermState {
  readonly parameters: Named<HostArray>;
  readonly buffers: Named<HostArray>;
}

/**
 * The shapes of both ends of an edge on a batch of one, from which a term sizes its state.
 *
 * @example
 * const width = (ends: Ends, signal: Signal): number => ends.to[signal]?.at(-1) ?? 0;
 */
export interface Ends {
  readonly to: Readonly<Partial<Record<Signal, readonly number[]>>>;
  /** Empty for terms from labels. */
  readonly from: Readonly<Partial<Record<Signal, readonly number[]>>>;
}

/**
 * A loss term: what it reads and one pure function. It knows no weight, no schedule of it, and detaches nothing:
 * these belong to the edge.
 *
 * @example
 * const reads = (term: Term): readonly Signal[] => term.needs;
 */
export interface Term<
  Name extends string = string,
  From extends Source = Source,
  Needs extends Signal = Signal,
  Kind extends LabelKind = LabelKind,
> extends Part {
  readonly name: Name;
  readonly from: From;
  /** Signals it reads at the `to` end, and at the `from` end too if that is a node. */
  readonly needs: readonly Needs[];
  /** The kind of the labels it reads: as its source where `from` is `'labels'`, beside its source where that is a node. */
  readonly labels?: Kind;
  /** Numbers that may change over training, by name. */
  readonly scalars: Named<Scheduled>;
  /** Makes the initial state, once, from the ends' shapes. Throws a `CodistillError` where the shapes do not fit. */
  readonly state?: (ends: Ends, key: Key) => TermState;
  /** Asked once, when the graph is built: why the term is of no use for this task, as a sentence; `undefined` if it is. */
  readonly refuses?: (task: Task) => string | undefined;
  /**
   * The loss, in the direction "`to` should become like `from`".
   *
   * @returns one value per example `[batch]`, or a scalar if examples interact; the caller disposes it
   */
  compute(
    to: Readings<Needs>,
    from: From extends 'labels' ? Labels<Kind, tf.Tensor> : Readings<Needs>,
    context: TermContext,
  ): tf.Tensor;
}

/**
 * Makes a loss term.
 *
 * @param term - `name`, `from`, `needs`, `compute`; terms that read labels also say which `labels`
 * @example
 * // ½ ‖ z_s − z_t ‖², Ba & Caruana 2014
 * const matchLogits = defineTerm({
 *   name: 'matchLogits',
 *   from: 'node',
 *   needs: ['logits'],
 *   compute: (student, teacher) => student.logits.sub(teacher.logits).square().sum(-1).mul(0.5),
 * });
 */
export const defineTerm = <
  const Name extends string,
  const From extends Source,
  const Needs extends Signal,
  const Kind extends LabelKind = never,
>(
  term: PartOrigin<Name> & {
    readonly from: From;
    readonly needs: readonly Needs[];
    readonly labels?: Kind;
    readonly scalars?: Named<Scheduled>;
    readonly state?: (ends: Ends, key: Key) => TermState;
    readonly refuses?: (task: Task) => string | undefined;
    readonly compute: (
      to: Readings<Needs>,
      from: From extends 'labels' ? Labels<Kind, tf.Tensor> : Readings<Needs>,
      context: BatchContext<Kind>,
    ) => tf.Tensor;
  },
): Term<Name, From, Needs, Kind> => Object.freeze({ package: 'local', options: {}, scalars: {}, ...term });
