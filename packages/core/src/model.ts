import type * as tf from '@tensorflow/tfjs';
import type { Named } from './json.ts';
import type { Key } from './key.ts';
import type { Normalisation } from './loader.ts';
import type { Part, PartOrigin } from './part.ts';
import type { Readings, Signal } from './signal.ts';

/**
 * How a network is read. Training uses batch statistics (and moves the moving ones) and draws dropout masks from `key`,
 * an int32 tensor of two words that is fresh each step; inference is deterministic.
 *
 * @example
 * const mode: Mode = { training: false };
 */
export type Mode = ({ readonly training: false } | { readonly training: true; readonly key: tf.Tensor1D }) & {
  /** How many views the input holds, stacked along the batch axis; default 1. Few networks ask: one whose branches see a view each. */
  readonly views?: number;
};

/**
 * What a model is built for.
 *
 * @example
 * const site: Site = { input: [32, 32, 3], classes: 10 };
 */
export interface Site {
  /** Shape of one example, channels last. */
  readonly input: readonly number[];
  readonly classes: number;
}

/**
 * A model with weights: an ordinary `tf.LayersModel` plus names for its variables and activations.
 *
 * @example
 * const sizeOfNetwork = (network: Network): number => Object.values(network.parameters).reduce((sum, p) => sum + p.size, 0);
 */
export interface Network<Emits extends Signal = Signal> {
  /** The network as plain tfjs sees, saves and loads it. */
  readonly layers: tf.LayersModel;
  /** Trainable variables by name (`block1/conv1/kernel`). Owned by the network. */
  readonly parameters: Named<tf.Variable>;
  /** Variables that training moves without a gradient (`block1/bn1/moving_mean`). Owned by the network. */
  readonly buffers: Named<tf.Variable>;
  /**
   * One forward pass. Pure but for the buffers.
   *
   * @param input - `[batch, ...input]`, normalised
   * @param signals - which readings are wanted; all come from the same pass
   * @returns tensors that the caller disposes
   */
  read<S extends Emits>(input: tf.Tensor, signals: readonly S[], mode: Mode): Readings<S>;
  /**
   * A forward pass that begins inside: what the network makes of another value in the place of one of its readings. With the same
   * key, `read` up to a tap and `readFrom` the tap on give what `read` gives at once, bit for bit.
   *
   * @param start - the reading that is given, most often a tap between blocks
   * @param value - the tensor to put there, of that reading's shape; gradients flow through it
   * @param signals - which readings are wanted; all lie behind `start`, and no way leads around it
   * @returns tensors that the caller disposes
   * @throws CodistillError where a reading does not follow from `start` alone
   */
  readFrom<S extends Emits>(start: Emits, value: tf.Tensor, signals: readonly S[], mode: Mode): Readings<S>;
  dispose(): void;
}

/**
 * A recipe for a network: declares what it emits, and builds with given initial randomness.
 *
 * @example
 * const fits = (model: Model, classes: number): boolean => model.classes === null || model.classes === classes;
 */
export interface Model<Emits extends Signal = Signal, Classes extends number = number> extends Part {
  readonly emits: readonly Emits[];
  /** The class count it is fixed to; `null` takes it from the data. */
  readonly classes: Classes | null;
  /** The normalisation its weights expect; `null` takes the data's. */
  readonly normalisation: Normalisation | null;
  /** Same site and key, same weights. */
  build(site: Site, key: Key): Network<Emits>;
}

/**
 * Makes a model of a build function.
 *
 * @param model - `emits` and `build`, and where they are not the defaults `classes` (null) and `normalisation` (null)
 * @example
 * declare const wrap: (layers: unknown) => Network<'logits'>;
 * const linear = defineModel({ name: 'linear', emits: ['logits'], build: (site) => wrap(site) });
 */
export const defineModel = <const Emits extends Signal, const Classes extends number = number>(
  model: PartOrigin & {
    readonly emits: readonly Emits[];
    readonly classes?: Classes | null;
    readonly normalisation?: Normalisation | null;
    readonly build: (site: Site, key: Key) => Network<Emits>;
  },
): Model<Emits, Classes> => Object.freeze({ package: 'local', options: {}, classes: null, normalisation: null, ...model });
