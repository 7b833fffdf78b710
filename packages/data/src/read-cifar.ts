import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { CodistillError, say } from '@codistill/core/host';
import { type ImageSet, type Split, sharedBytes } from './image-set.ts';
import { insistLabels } from './label-range.ts';

/**
 * Binary CIFAR files.
 *
 * @example
 * const options: CifarOptions = { train: ['data_batch_1.bin'], test: ['test_batch.bin'], classes: 10 };
 */
export interface CifarOptions {
  /** Paths of the training files. */
  readonly train: readonly string[];
  /** Paths of the test files; default none, and the split is ours. */
  readonly test?: readonly string[];
  /** 10 for CIFAR-10 (one label byte), 100 for CIFAR-100 (a coarse and a fine label byte). */
  readonly classes: 10 | 100;
  /** Names in label order; default `'0'`, `'1'`, … */
  readonly classNames?: readonly string[];
}

const SIDE = 32;
const PLANE = SIDE * SIDE;

const read = ({ train, test = [], classes, classNames }: CifarOptions): ImageSet => {
  const labelBytes = classes === 10 ? 1 : 2;
  const row = labelBytes + 3 * PLANE;
  const files = [...train, ...test].map((path) => {
    let bytes: Uint8Array;
    try {
      bytes = readFileSync(path);
    } catch (error) {
      throw new CodistillError('FILE_DAMAGED', say.loading.sourceDamaged(path, (error as Error).message));
    }
    if (bytes.length === 0 || bytes.length % row !== 0) throw new CodistillError('FILE_DAMAGED', say.loading.sourceDamaged(path, `its ${bytes.length} bytes are no whole number of rows of ${row}`));
    const split: Split = train.includes(path) ? 'train' : 'test';
    return { path, bytes, count: bytes.length / row, split };
  });
  if (train.length === 0) throw new CodistillError('EMPTY', say.loading.empty('readCifar({ train })'));
  const total = files.reduce((sum, { count }) => sum + count, 0);
  const pixels = sharedBytes(total * 3 * PLANE);
  const labels = new Int32Array(total);
  let id = 0;
  for (const { path, bytes, count } of files) {
    const first = id;
    for (let at = 0; at < count; at++, id++) {
      labels[id] = bytes[at * row + labelBytes - 1] as number;
      const from = at * row + labelBytes;
      for (let pixel = 0; pixel < PLANE; pixel++) {
        for (let c = 0; c < 3; c++) pixels[(id * PLANE + pixel) * 3 + c] = bytes[from + c * PLANE + pixel] as number;
      }
    }
    insistLabels(path, labels.subarray(first, id), classes);
  }
  return {
    source: { name: 'readCifar', options: { train, test, classes } },
    shape: [SIDE, SIDE, 3],
    pixels,
    labels,
    classNames: classNames ?? Array.from({ length: classes }, (_, label) => String(label)),
    names: files.flatMap(({ path, count }) => Array.from({ length: count }, (_, at) => `${basename(path)} #${at}`)),
    ...(test.length === 0 ? {} : { splits: files.flatMap(({ split, count }) => Array<Split>(count).fill(split)) }),
    skipped: 0,
  };
};

/**
 * Reads CIFAR-10 or CIFAR-100 in their binary form: rows of label bytes and three planes, turned into interleaved pixels.
 * Krizhevsky 2009, "Learning multiple layers of features from tiny images".
 *
 * @param options - see {@link CifarOptions}
 * @throws CodistillError `FILE_DAMAGED`, `LABEL_RANGE`
 * @example
 * const data = classificationData(await readCifar({ train: ['data_batch_1.bin'], classes: 10 }), { batch: 128 });
 */
export const readCifar = (options: CifarOptions): Promise<ImageSet> => new Promise((resolve) => resolve(read(options)));
