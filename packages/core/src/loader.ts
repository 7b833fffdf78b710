import type { HostArray } from './host-array.ts';
import type { Named } from './json.ts';
import type { Key } from './key.ts';
import type { Part } from './part.ts';
import type { LabelKind, Task } from './task.ts';
import type { View } from './view.ts';

/**
 * Examples on the host. Inside a view the input is in [0, 1]; what a loader delivers is normalised.
 *
 * @example
 * const sizeOfBatch = (batch: Batch): number => batch.ids.length;
 */
export interface Batch {
  /** Index of each example in its whole set, stable over epochs and splits: errors can be looked up. */
  readonly ids: Int32Array;
  /** `[batch, ...input shape]` */
  readonly input: HostArray;
  /** Label arrays by name, as {@link Labels} lists them for the task's kind. */
  readonly labels: Named<HostArray>;
}

/**
 * A deterministic stream of batches whose position is a number: what `at` returns depends on nothing but its arguments,
 * so resuming needs no replay.
 *
 * @example
 * const first = (loader: Loader, key: Key): Promise<readonly Batch[]> => loader.at(0, key, [undefined]);
 */
export interface Loader {
  /** Examples in this split. */
  readonly examples: number;
  /** Examples per batch; the last batch of an epoch may be smaller. */
  readonly batchSize: number;
  /** Batches per epoch. */
  readonly batches: number;
  /**
   * The batch at a position, once per view. Position `p` is batch `p % batches` of epoch `⌊p / batches⌋`.
   *
   * @param position - non-negative integer
   * @param key - randomness of order and augmentation
   * @param views - one batch is returned for each; `undefined` asks for the examples as they are
   */
  at(position: number, key: Key, views: readonly (View | undefined)[]): Promise<readonly Batch[]>;
}

/**
 * Affine map from unit-range input to what networks see: `(x − mean) / std`, per channel.
 *
 * @example
 * const grey: Normalisation = { mean: [0.286], std: [0.353] };
 */
export interface Normalisation {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/**
 * Something that is no mistake but deserves a sentence.
 *
 * @example
 * const notice: Notice = { code: 'WORKER_MISSING', sentence: 'batches are made in the main thread' };
 */
export interface Notice {
  readonly code: string;
  readonly sentence: string;
}

/**
 * A data set: its task, the shape of one example, and a loader per split.
 *
 * @example
 * const stepsOf = (data: Data): number => data.train.batches;
 */
export interface Data<Kind extends LabelKind = LabelKind, Classes extends number = number> extends Part {
  readonly task: Task<Kind, Classes>;
  /** Shape of one example, channels last: `[height, width, channels]`. */
  readonly input: readonly number[];
  /** What the loaders applied to the unit-range input. */
  readonly normalisation: Normalisation;
  readonly train: Loader;
  readonly validation: Loader | undefined;
  readonly test: Loader | undefined;
  /** What deserves a sentence before training: `fit` hands it to its listeners as notices. Default none. */
  readonly notices?: readonly Notice[];
  /** Ends worker threads, if there are any. */
  close(): Promise<void>;
}
