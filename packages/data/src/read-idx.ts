import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { CodistillError, say } from '@codistill/core/host';
import { type ImageSet, sharedBytes } from './image-set.ts';
import { insistLabels, numberedClasses } from './label-range.ts';

/**
 * A pair of IDX files.
 *
 * @example
 * const options: IdxOptions = { images: 'train-images-idx3-ubyte.gz', labels: 'train-labels-idx1-ubyte.gz' };
 */
export interface IdxOptions {
  /** Path of the images, unsigned bytes of three dimensions, gzipped or not. */
  readonly images: string;
  /** Path of the labels, unsigned bytes of one dimension, gzipped or not. */
  readonly labels: string;
  /** Names in label order; default `'0'`, `'1'`, … up to the largest label. */
  readonly classNames?: readonly string[];
}

const UNSIGNED_BYTES = 8;

/** IDX: two zero bytes, the type, the number of dimensions, each dimension as a big-endian word, then the data. */
const readIdxFile = (path: string, dimensions: number): { readonly shape: readonly number[]; readonly bytes: Uint8Array } => {
  const damaged = (reason: string): CodistillError => new CodistillError('FILE_DAMAGED', say.loading.sourceDamaged(path, reason));
  let file: Buffer;
  try {
    file = readFileSync(path);
    if (file[0] === 0x1f && file[1] === 0x8b) file = gunzipSync(file);
  } catch (error) {
    throw damaged((error as Error).message);
  }
  if (file[0] !== 0 || file[1] !== 0 || file[2] !== UNSIGNED_BYTES || file[3] !== dimensions) throw damaged(`it does not begin like an IDX file of ${dimensions} dimensions of bytes`);
  if (file.length < 4 + 4 * dimensions) throw damaged('its header is cut off');
  const shape = Array.from({ length: dimensions }, (_, axis) => file.readUInt32BE(4 + 4 * axis));
  const bytes = file.subarray(4 + 4 * dimensions);
  const size = shape.reduce((product, length) => product * length, 1);
  if (bytes.length !== size) throw damaged(`it holds ${bytes.length} bytes of data where its header says ${size}`);
  return { shape, bytes };
};

const read = ({ images, labels, classNames }: IdxOptions): ImageSet => {
  const pictures = readIdxFile(images, 3);
  const classes = readIdxFile(labels, 1);
  const [count = 0, height = 0, width = 0] = pictures.shape;
  if (count === 0) throw new CodistillError('EMPTY', say.loading.empty(images));
  if (classes.bytes.length !== count) throw new CodistillError('COUNTS_DIFFER', say.loading.countsDiffer(images, count, classes.bytes.length));
  const values = Int32Array.from(classes.bytes);
  const names = classNames ?? numberedClasses(values);
  insistLabels(labels, values, names.length);
  const pixels = sharedBytes(pictures.bytes.length);
  pixels.set(pictures.bytes);
  return {
    source: { name: 'readIdx', options: { images, labels } },
    shape: [height, width, 1],
    pixels,
    labels: values,
    classNames: names,
    names: Array.from({ length: count }, (_, id) => `${images} #${id}`),
    skipped: 0,
  };
};

/**
 * Reads images and labels in the IDX format of MNIST.
 *
 * @param options - see {@link IdxOptions}
 * @throws CodistillError `FILE_DAMAGED`, `COUNTS_DIFFER`, `LABEL_RANGE`
 * @example
 * const data = classificationData(await readIdx({ images: 'images.gz', labels: 'labels.gz' }), { batch: 64 });
 */
export const readIdx = (options: IdxOptions): Promise<ImageSet> => new Promise((resolve) => resolve(read(options)));
