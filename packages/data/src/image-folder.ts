import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { CodistillError, type Data, say } from '@codistill/core';
import { parse } from 'csv-parse/sync';
import { type BatchingOptions, classificationData } from './classification-data.ts';
import { decodeImage } from './decode-image.ts';
import { cached } from './image-cache.ts';
import { type ImageSet, type Split, sharedBytes } from './image-set.ts';

/**
 * Which images, and how they are read and batched.
 *
 * @example
 * const options: ImageFolderOptions = { size: 64, batch: 32, onBad: 'skip' };
 */
export interface ImageFolderOptions extends BatchingOptions {
  /** Every image is resized to this square, in pixels. */
  readonly size: number;
  /** 3 for colour (default), 1 for grey; every file is converted. */
  readonly channels?: 1 | 3;
  /** What to do with a file that cannot be read: `'refuse'` (default) names it and stops, `'skip'` leaves it out and counts it. */
  readonly onBad?: 'refuse' | 'skip';
  /**
   * The group of a file, by its path below the folder: files of one group never part between splits. Default: the column of
   * `manifest.csv` called `group` or `…_group`, where there is one beside a `file` or `path` column, else none.
   */
  readonly groupBy?: (file: string) => string;
  /** Where the decoded images are cached; default `.cache/codistill`. */
  readonly cache?: string;
}

const IMAGE = /\.(jpe?g|png)$/i;
const SPLITS: Readonly<Record<string, Split>> = { train: 'train', val: 'validation', valid: 'validation', validation: 'validation', test: 'test' };

interface Found {
  readonly file: string;
  readonly label: string;
  readonly split: Split | undefined;
}

const folders = (path: string): readonly string[] =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort();

const imagesIn = (root: string, folder: string, label: string, split: Split | undefined): readonly Found[] => {
  const files = readdirSync(folder).filter((name) => IMAGE.test(name)).sort();
  if (files.length === 0) throw new CodistillError('CLASS_EMPTY', say.loading.classEmpty(folder));
  return files.map((name) => ({ file: relative(root, join(folder, name)), label, split }));
};

const find = (root: string): readonly Found[] => {
  if (!existsSync(root) || !statSync(root).isDirectory()) {
    let parent = dirname(resolve(root));
    while (!existsSync(parent)) parent = dirname(parent);
    throw new CodistillError('FOLDER_MISSING', say.loading.folderMissing(root, parent, readdirSync(parent).slice(0, 10)));
  }
  const below = folders(root);
  const splits = below.filter((name) => SPLITS[name] !== undefined);
  const sources = splits.includes('train') ? splits.map((name) => ({ folder: join(root, name), split: SPLITS[name] })) : [{ folder: root, split: undefined }];
  let expected: readonly string[] | undefined;
  return sources
    .toSorted((a, b) => Number(b.split === 'train') - Number(a.split === 'train'))
    .flatMap(({ folder, split }) => {
      const labels = folders(folder);
      if (labels.length === 0) throw new CodistillError('NO_CLASSES', say.loading.noClasses(folder, readdirSync(folder).slice(0, 10)));
      if (labels.length === 1) throw new CodistillError('ONE_CLASS', say.loading.oneClass(folder, labels[0] ?? ''));
      expected ??= labels;
      if (labels.join('/') !== expected.join('/')) throw new CodistillError('CLASSES_DIFFER', say.loading.classesDiffer(folder, labels, expected));
      return labels.flatMap((label) => imagesIn(root, join(folder, label), label, split));
    });
};

/** Groups from `manifest.csv`, by file name. */
const manifestGroups = (root: string): ((file: string) => string) | undefined => {
  const path = join(root, 'manifest.csv');
  if (!existsSync(path)) return undefined;
  const rows = parse(readFileSync(path), { columns: true, skip_empty_lines: true, bom: true, relax_column_count: true }) as readonly Readonly<Record<string, string>>[];
  const column = Object.keys(rows[0] ?? {}).find((name) => /(^|_)group$/.test(name)) ?? 'group';
  const groups = new Map(rows.flatMap((row) => (row[column] === undefined ? [] : [[basename(row['file'] ?? row['path'] ?? ''), row[column]]])));
  return groups.size === 0 ? undefined : (file) => groups.get(basename(file)) ?? file;
};

const read = async (root: string, found: readonly Found[], { size, channels = 3, onBad = 'refuse' }: ImageFolderOptions, groupOf: ((file: string) => string) | undefined): Promise<ImageSet> => {
  const bytes = size * size * channels;
  const pixels = sharedBytes(found.length * bytes);
  const good: number[] = [];
  const bad: unknown[] = [];
  let next = 0;
  const decodeSome = async (): Promise<void> => {
    while (next < found.length) {
      const at = next++;
      try {
        pixels.set(await decodeImage(join(root, found[at]?.file ?? ''), { size, channels }), at * bytes);
        good.push(at);
      } catch (error) {
        if (onBad === 'refuse' || !(error instanceof CodistillError)) throw error;
        bad.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: 2 * availableParallelism() }, decodeSome));
  if (good.length === 0) throw new CodistillError('ALL_BAD', say.loading.allBad(root, found.length));
  // Decoding ends in any order; examples do not.
  good.sort((a, b) => a - b);
  good.forEach((at, id) => {
    if (at !== id) pixels.copyWithin(id * bytes, at * bytes, (at + 1) * bytes);
  });
  const kept = good.flatMap((at) => found[at] ?? []);
  const classNames = [...new Set(found.map(({ label }) => label))].sort();
  return {
    source: { name: 'imageFolder', options: { path: root, size, channels, ...(onBad === 'skip' ? { onBad } : {}) } },
    shape: [size, size, channels],
    pixels: bad.length === 0 ? pixels : pixels.subarray(0, kept.length * bytes),
    labels: Int32Array.from(kept, ({ label }) => classNames.indexOf(label)),
    classNames,
    names: kept.map(({ file }) => file),
    ...(groupOf === undefined ? {} : { groups: kept.map(({ file }) => groupOf(file)) }),
    ...(kept.every(({ split }) => split !== undefined) ? { splits: kept.map(({ split }) => split ?? 'train') } : {}),
    skipped: bad.length,
  };
};

/**
 * Reads a folder of images as they are, without batching; see {@link imageFolder}.
 *
 * @example
 * const { skipped, names } = await readImageFolder('tiles', { size: 64, onBad: 'skip' });
 */
export const readImageFolder = async (path: string, options: ImageFolderOptions): Promise<ImageSet> => {
  const { size, channels = 3, onBad = 'refuse', cache = '.cache/codistill' } = options;
  if (!Number.isSafeInteger(size) || size < 1) throw new CodistillError('SIZE_INVALID', say.loading.sizeInvalid(size));
  const found = find(path);
  const groupOf = options.groupBy ?? manifestGroups(path);
  const stamps = found.map(({ file, label, split }) => {
    const { size: bytes, mtimeMs } = statSync(join(path, file));
    return [file, label, split, bytes, mtimeMs, groupOf?.(file)];
  });
  return cached(cache, ['image-folder', 2, path, size, channels, onBad, stamps], () => read(path, found, options, groupOf));
};

/**
 * A classification data set from a folder of JPEG and PNG files: `<path>/<class>/*`, split by us, or
 * `<path>/{train,val,test}/<class>/*`, split by you. Files are decoded once and cached as bytes; grey, transparent, 16-bit and CMYK
 * files are converted; classes are in alphabetical order.
 *
 * @param path - the folder
 * @param options - see {@link ImageFolderOptions}
 * @throws CodistillError `FOLDER_MISSING`, `NO_CLASSES`, `ONE_CLASS`, `CLASS_EMPTY`, `CLASSES_DIFFER`, `FILE_UNREADABLE`, `ALL_BAD`,
 *   `SIZE_INVALID`, and those of `classificationData`
 * @example
 * const data = await imageFolder('tiles', { size: 64, batch: 32 });
 */
export const imageFolder = async (path: string, options: ImageFolderOptions): Promise<Data<'class'>> => classificationData(await readImageFolder(path, options), options);
