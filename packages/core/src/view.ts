import type { Key } from './key.ts';
import type { Batch } from './loader.ts';
import type { Part, PartOrigin } from './part.ts';

/**
 * What a node sees of a batch: an augmentation, on the host, as a pure function of the batch and a key.
 * The input is in [0, 1] and stays there; labels may change with it (mixup).
 *
 * @example
 * const look = (view: View, batch: Batch, key: Key): Batch => view.apply(batch, key);
 */
export interface View extends Part {
  /** Returns a new batch of the same size; the one it was given is not changed. */
  apply(batch: Batch, key: Key): Batch;
}

/**
 * Makes a view of a function.
 *
 * @param origin - name, package and options. A loader with worker threads imports `package` and calls its export `name`
 *   with `options`, so a view of a package should be exported under that name; a `'local'` view runs in the main thread.
 * @param apply - pure function
 * @example
 * const darker = defineView({ name: 'darker' }, (batch) => ({
 *   ...batch,
 *   input: { ...batch.input, values: batch.input.values.map((x) => x / 2) },
 * }));
 */
export const defineView = (origin: PartOrigin, apply: (batch: Batch, key: Key) => Batch): View =>
  Object.freeze({ package: 'local', options: {}, ...origin, apply });
