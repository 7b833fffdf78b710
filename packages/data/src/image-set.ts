/**
 * Examples read from wherever they come from: the one form that every source makes and `classificationData` takes.
 *
 * @example
 * const count = (set: ImageSet): number => set.labels.length;
 */
export interface ImageSet {
  /** Which source, with what options: for the spec. */
  readonly source: { readonly name: string; readonly options: { readonly [option: string]: string | number | boolean | readonly string[] } };
  /** Shape of one example: `[height, width, channels]`. */
  readonly shape: readonly [number, number, number];
  /** Row-major `[examples, height, width, channels]`: bytes 0–255, or floats of unit range. Shared memory, so that workers see it. */
  readonly pixels: Uint8Array | Float32Array;
  /** Class index of each example. */
  readonly labels: Int32Array;
  readonly classNames: readonly string[];
  /** Where each example came from (a file, a row): for sentences and reports. */
  readonly names: readonly string[];
  /** Examples of one group never part between splits; `undefined` where every example is its own. */
  readonly groups?: readonly string[];
  /** The split each example was given by its source; `undefined` where the source has none. */
  readonly splits?: readonly Split[];
  /** Files that could not be read and were left out, because the user said so. */
  readonly skipped: number;
}

/**
 * The parts of a data set.
 *
 * @example
 * const split: Split = 'validation';
 */
export type Split = 'train' | 'validation' | 'test';

/**
 * Room for pixels that worker threads can see without a copy.
 *
 * @param bytes - how many
 * @example
 * sharedBytes(784).length; // 784
 */
export const sharedBytes = (bytes: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(bytes));
