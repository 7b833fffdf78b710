import type * as tf from '@tensorflow/tfjs';
import type { Named } from './json.ts';
import type { Key } from './key.ts';
import type { Mode, Network } from './model.ts';
import type { Part, PartOrigin } from './part.ts';
import type { Scheduled } from './schedule.ts';
import type { Emitted, Readings, Signal } from './signal.ts';
import type { LabelKind, Labels } from './task.ts';
import type { TermContext, TermState } from './term.ts';

/**
 * What the engine lends a derived node for one step, by the members' names. The engine owns all of it.
 *
 * @example
 * import type * as tf from '@tensorflow/tfjs';
 * const kernelOf = (context: DerivedContext, member: string): tf.Tensor | undefined => context.network(member).parameters['logits/kernel'];
 */
export interface DerivedContext<Kind extends LabelKind = LabelKind> extends TermContext {
  /** Whether this is a training step: outside of one nothing is drawn and no buffer moved. */
  readonly training: boolean;
  /** Two int32 words, fresh each step, for a node that `draws`; zeros outside of training. */
  readonly key: tf.Tensor1D;
  /** The labels, as the first member sees them, for a node that declares their kind. */
  readonly labels: Labels<Kind, tf.Tensor>;
  /** The network of a member that has one. */
  network(member: string): Network;
  /** What that network is given, `[batch, ...input]`. */
  input(member: string): tf.Tensor;
  /** How that network is read in this step: a frozen one is in inference mode. */
  mode(member: string): Mode;
}

/**
 * A node made of other nodes, computed from them in the same step: edges start and end at it like at any other. What it owns is
 * trained by its own optimizer.
 *
 * @example
 * const sources = (derived: Derived): readonly string[] => derived.of;
 */
export interface Derived<Of extends string = string, Emits extends Signal = Signal, Needs extends Signal = Emits, Kind extends LabelKind = LabelKind>
  extends Part {
  /** Names of the nodes it is made of. */
  readonly of: readonly Of[];
  readonly emits: readonly Emits[];
  /** Signals it reads of every member. */
  readonly needs: readonly Needs[];
  /** Signals it reads of some member, where these are not `needs`. */
  readonly reads?: Readonly<Partial<Record<Of, readonly Signal[]>>>;
  /** The kind of the labels it reads, if it does: it exists in training only, then. */
  readonly labels?: Kind;
  /** Which of the views that its first member's network sees it hands on, from 0; default all. */
  readonly view?: number;
  /** Whether it wants a key; default false. */
  readonly draws?: boolean;
  /** Numbers that may change over training, by name. */
  readonly scalars: Named<Scheduled>;
  /** Whether it has parameters, which an optimizer moves; default where it has a `state`. To be `false` where that holds buffers only. */
  readonly learns?: boolean;
  /** Makes what it owns, once, from the shapes its members emit on a batch of one. Throws a `CodistillError` where these do not fit. */
  readonly state?: (members: readonly Readonly<Partial<Record<Signal, readonly number[]>>>[], key: Key, classes: number) => TermState;
  /** `members` are in the order of `of`; the caller disposes the result. Pure but for buffers, which it may assign in training. */
  read(members: readonly Readings<Needs>[], context: DerivedContext<Kind>): Emitted<Emits>;
}

/**
 * Makes a derived node of a reading function.
 *
 * @param derived - `of`, `emits` and `read`; `needs` where they are not `emits`
 * @example
 * // The mean of two nodes' logits, with a factor that is trained
 * const scaledMean = defineDerived({
 *   name: 'scaledMean',
 *   of: ['a', 'b'],
 *   emits: ['logits'],
 *   state: () => ({ parameters: { factor: { shape: [], values: new Float32Array([0.5]) } }, buffers: {} }),
 *   read: ([a, b], context) => ({ logits: a!.logits.add(b!.logits).mul(context.variable('factor')) }),
 * });
 */
export const defineDerived = <const Of extends string, const Emits extends Signal, const Needs extends Signal = Emits, const Kind extends LabelKind = never>(
  derived: PartOrigin &
    Omit<Derived<Of, Emits, Needs, Kind>, keyof Part | 'needs' | 'scalars'> & { readonly needs?: readonly Needs[]; readonly scalars?: Named<Scheduled> },
): Derived<Of, Emits, Needs, Kind> =>
  Object.freeze({ package: 'local', options: {}, scalars: {}, needs: derived.emits as readonly Signal[] as readonly Needs[], ...derived });

/**
 * The signals a derived node reads of one of its members.
 *
 * @example
 * const wanted = (derived: Derived): readonly Signal[] => readsOf(derived, 'small');
 */
export const readsOf = (derived: Pick<Derived, 'needs' | 'reads'>, member: string): readonly Signal[] => derived.reads?.[member] ?? derived.needs;
