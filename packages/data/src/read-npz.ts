import { readFileSync, statSync } from 'node:fs';
import { CodistillError, say, sizeOf } from '@codistill/core/host';
import { unzipSync } from 'fflate';
import { load } from 'npyjs';
import { cached } from './image-cache.ts';
import { type ImageSet, type Split, sharedBytes } from './image-set.ts';
import { insistLabels, numberedClasses } from './label-range.ts';

const PARTS = { train: 'train', val: 'validation', test: 'test' } as const satisfies Readonly<Record<string, Split>>;

interface Npy {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number | bigint>;
}

/**
 * How an npz file is read.
 *
 * @example
 * const options: NpzOptions = { classNames: ['benign', 'malignant'] };
 */
export interface NpzOptions {
  /** Names in label order; default `'0'`, `'1'`, … */
  readonly classNames?: readonly string[];
  /** Where images of bytes are cached; default `.cache/codistill`. */
  readonly cache?: string;
}

const read = async (path: string, classNames: readonly string[] | undefined): Promise<ImageSet> => {
  let files: Readonly<Record<string, Uint8Array>>;
  try {
    files = unzipSync(readFileSync(path));
  } catch (error) {
    throw new CodistillError('FILE_DAMAGED', say.loading.sourceDamaged(path, (error as Error).message));
  }
  const keys = Object.keys(files).map((name) => name.replace(/\.npy$/, ''));
  const array = async (key: string): Promise<Npy> => {
    const bytes = files[`${key}.npy`];
    if (bytes === undefined) throw new CodistillError('KEY_MISSING', say.loading.keyMissing(path, key, keys));
    const damaged = (reason: string): CodistillError => new CodistillError('FILE_DAMAGED', say.loading.sourceDamaged(`${path} (${key})`, reason));
    let read: Npy & { readonly fortranOrder?: boolean };
    try {
      read = (await load(Uint8Array.from(bytes).buffer)) as unknown as typeof read;
    } catch (error) {
      throw damaged((error as Error).message);
    }
    const size = sizeOf(read.shape);
    if (size === 0) throw damaged('it is empty');
    if (read.data.length !== size) throw damaged(`it holds ${read.data.length} numbers where its header says ${size}`);
    if (read.fortranOrder === true && read.shape.length > 1) throw damaged('it is in Fortran order');
    return read;
  };
  const parts = Object.entries(PARTS).filter(([prefix]) => prefix === 'train' || keys.includes(`${prefix}_images`));
  const found = await Promise.all(
    parts.map(async ([prefix, split]) => {
      const [images, labels] = [await array(`${prefix}_images`), await array(`${prefix}_labels`)];
      const classes = Array.from(labels.data, Number);
      if (images.shape[0] !== classes.length) throw new CodistillError('COUNTS_DIFFER', say.loading.countsDiffer(`${path} (${prefix})`, images.shape[0] ?? 0, classes.length));
      return { prefix, split, images, classes };
    }),
  );
  const [, height = 1, width = 1, channels = 1] = found[0]?.images.shape ?? [];
  const size = height * width * channels;
  for (const { prefix, images } of found) {
    const fits = (images.shape.length === 3 || images.shape.length === 4) && sizeOf(images.shape.slice(1)) === size;
    if (!fits) throw new CodistillError('FILE_DAMAGED', say.loading.sourceDamaged(`${path} (${prefix}_images)`, `its shape is [${images.shape.join(', ')}], not [n, h, w] or [n, h, w, channels] of one size`));
  }
  const labels = found.flatMap(({ classes }) => classes);
  const names = classNames ?? numberedClasses(labels);
  insistLabels(path, labels, names.length);
  const bytes = found.every(({ images }) => images.data instanceof Uint8Array);
  const pixels = bytes ? sharedBytes(labels.length * size) : new Float32Array(new SharedArrayBuffer(4 * labels.length * size));
  let at = 0;
  for (const { prefix, images } of found) {
    if (bytes) {
      pixels.set(images.data as Uint8Array, at);
      at += images.data.length;
      continue;
    }
    for (let index = 0; index < images.data.length; index++, at++) {
      const value = Number(images.data[index]);
      if (!Number.isFinite(value)) throw new CodistillError('VALUE_NOT_FINITE', say.loading.valueNotFinite(`${path} (${prefix}_images)`, Math.floor(index / size), value));
      pixels[at] = value;
    }
  }
  return {
    source: { name: 'readNpz', options: { path } },
    shape: [height, width, channels],
    pixels,
    labels: Int32Array.from(labels),
    classNames: names,
    names: found.flatMap(({ prefix, classes }) => classes.map((_, row) => `${prefix} #${row}`)),
    ...(found.length === 1 ? {} : { splits: found.flatMap(({ split, classes }) => Array<Split>(classes.length).fill(split)) }),
    skipped: 0,
  };
};

/**
 * Reads an npz file with the keys of MedMNIST: `train_images`, `train_labels`, `val_…`, `test_…`. Images are `[n, h, w]` or
 * `[n, h, w, channels]`, bytes or floats of unit range; labels `[n]` or `[n, 1]`. Yang et al. 2023, "MedMNIST v2". Bytes are
 * inflated once and cached.
 *
 * @param path - of the file
 * @param options - see {@link NpzOptions}
 * @throws CodistillError `FILE_DAMAGED`, `KEY_MISSING`, `COUNTS_DIFFER`, `LABEL_RANGE`, `VALUE_NOT_FINITE`, `CACHE_UNWRITABLE`
 * @example
 * const data = classificationData(await readNpz('pathmnist.npz'), { batch: 64 });
 */
export const readNpz = async (path: string, { classNames, cache = '.cache/codistill' }: NpzOptions = {}): Promise<ImageSet> => {
  const stat = statSync(path, { throwIfNoEntry: false });
  return cached(cache, ['npz', 1, path, stat?.size, stat?.mtimeMs, classNames], () => read(path, classNames));
};
