import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { CodistillError, type Data, say } from '@codistill/core/host';
import { type BatchingOptions, classificationData } from './classification-data.ts';
import type { ImageSet, Split } from './image-set.ts';
import { manifestGroups } from './manifest-groups.ts';
import { type ImageReadingOptions, readImages } from './read-images.ts';
import { splitNamed } from './split-names.ts';

/**
 * Which images, and how they are read and batched.
 *
 * @example
 * const options: ImageFolderOptions = { size: 64, batch: 32, onBad: 'skip' };
 */
export interface ImageFolderOptions extends ImageReadingOptions, BatchingOptions {
  /**
   * The group of a file, by its path below the folder: files of one group never part between splits. Default: the column of
   * `manifest.csv` called `group` or `…_group`, where there is one beside a `file` or `path` column, else none. The spec has the
   * function's name, or the column, and the number of groups.
   */
  readonly groupBy?: (file: string) => string;
}

/** Whatever looks like an image is read, or named as unreadable; nothing is passed over in silence. */
const IMAGE = /\.(jpe?g|png|webp|tiff?|gif|avif|bmp)$/i;

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
  const splits = below.filter((name) => splitNamed(name) !== undefined);
  const sources = splits.includes('train') ? splits.map((name) => ({ folder: join(root, name), split: splitNamed(name) })) : [{ folder: root, split: undefined }];
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

/**
 * Reads a folder of images as they are, without batching; see {@link imageFolder}.
 *
 * @example
 * const { skipped, names } = await readImageFolder('tiles', { size: 64, onBad: 'skip' });
 */
export const readImageFolder = async (path: string, options: ImageFolderOptions): Promise<ImageSet> => {
  const groups = options.groupBy === undefined ? manifestGroups(path) : { by: options.groupBy.name || 'function', groupOf: options.groupBy };
  const files = find(path).map(({ file, label, split }) => ({
    path: join(path, file),
    name: file,
    label,
    ...(groups === undefined ? {} : { group: groups.groupOf(file) }),
    ...(split === undefined ? {} : { split }),
  }));
  const grouped = groups === undefined ? {} : { groupBy: groups.by, groups: new Set(files.map(({ group }) => group)).size };
  return readImages({ name: 'imageFolder', options: { path, ...grouped }, from: path }, files, options);
};

/**
 * A classification data set from a folder of JPEG and PNG files (WebP, TIFF, GIF and AVIF are read too): `<path>/<class>/*`, split by us, or
 * `<path>/{train,val,test}/<class>/*`, split by you. Files are decoded once and cached as bytes; grey, transparent, 16-bit and CMYK
 * files are converted; classes are in alphabetical order.
 *
 * @param path - the folder
 * @param options - see {@link ImageFolderOptions}
 * @throws CodistillError `FOLDER_MISSING`, `NO_CLASSES`, `ONE_CLASS`, `CLASS_EMPTY`, `CLASSES_DIFFER`, `FILE_UNREADABLE`, `ALL_BAD`,
 *   `SIZE_INVALID`, `CACHE_UNWRITABLE`, and those of `classificationData`
 * @example
 * const data = await imageFolder('tiles', { size: 64, batch: 32 });
 */
export const imageFolder = async (path: string, options: ImageFolderOptions): Promise<Data<'class'>> => classificationData(await readImageFolder(path, options), options);
