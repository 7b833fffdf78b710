import {
  type Batch,
  CodistillError,
  type Data,
  type Key,
  type Loader,
  type View,
  classification,
  fold,
  key,
  normal,
  permutation,
  sizeOf,
} from '@codistill/core';

/**
 * What toy data looks like.
 *
 * @example
 * const options: BlobsOptions = { classes: 3, input: [8, 8, 1] };
 */
export interface BlobsOptions<Classes extends number = number> {
  /** Default 3. */
  readonly classes?: Classes;
  /** Shape of one example; default `[4]`. */
  readonly input?: readonly number[];
  /** Training examples; validation and test have half as many. Default 48. */
  readonly examples?: number;
  /** Examples per batch; default 8. */
  readonly batch?: number;
  /** Standard deviation of the noise around each class's centre, whose own is 1; default 0.5. */
  readonly noise?: number;
}

/**
 * Toy classification data in memory: Gaussian noise around one random centre per class. Learnable by any model in a few steps,
 * and as deterministic, restartable and view-aware as a real loader.
 *
 * @param options - sizes; see the defaults
 * @example
 * const data = blobs({ classes: 3, input: [8, 8, 1] });
 */
export const blobs = <const Classes extends number = 3>({
  classes = 3 as Classes,
  input = [4],
  examples = 48,
  batch = 8,
  noise = 0.5,
}: BlobsOptions<Classes> = {}): Data<'class', Classes> => {
  const size = sizeOf(input);
  const root = key(20);
  const centres = normal(fold(root, 'centres'), classes * size);

  const loader = (split: string, count: number, shuffled: boolean): Loader => {
    const values = normal(fold(root, split), count * size).map((z, index) => {
      const label = Math.floor(index / size) % classes;
      return noise * z + (centres[label * size + (index % size)] ?? 0);
    });
    const batches = Math.ceil(count / batch);
    const at = (position: number, orderKey: Key, views: readonly (View | undefined)[]): Promise<readonly Batch[]> => {
      const epoch = Math.floor(position / batches);
      const order = shuffled ? permutation(fold(orderKey, 'order', epoch), count) : Uint32Array.from({ length: count }, (_, index) => index);
      const ids = Int32Array.from(order.subarray((position % batches) * batch, ((position % batches) + 1) * batch));
      const rows = new Float32Array(ids.length * size);
      const labels = new Float32Array(ids.length * classes);
      ids.forEach((id, row) => {
        rows.set(values.subarray(id * size, (id + 1) * size), row * size);
        labels[row * classes + (id % classes)] = 1;
      });
      const plain: Batch = {
        ids,
        input: { shape: [ids.length, ...input], values: rows },
        labels: { class: { shape: [ids.length, classes], values: labels } },
      };
      return Promise.resolve(views.map((view, index) => view?.apply(plain, fold(orderKey, 'view', position, index)) ?? plain));
    };
    return { examples: count, batchSize: batch, batches, at };
  };
  if (examples < 2 * classes) throw new CodistillError('TOY_TOO_SMALL', `blobs has ${examples} examples of ${classes} classes: ask for at least ${2 * classes}`);
  return {
    package: '@codistill/testkit',
    name: 'blobs',
    options: { classes, input, examples, batch, noise },
    task: classification(classes),
    input,
    normalisation: { mean: [0], std: [1] },
    train: loader('train', examples, true),
    validation: loader('validation', Math.ceil(examples / 2), false),
    test: loader('test', Math.ceil(examples / 2), false),
    close: () => Promise.resolve(),
  };
};
