import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { CodistillError, say } from '@codistill/core/host';
import { type ImageForm, decodeImage } from './decode-image.ts';
import { cached } from './image-cache.ts';
import { type ImageSet, type Split, sharedBytes } from './image-set.ts';

/**
 * How image files are read.
 *
 * @example
 * const options: ImageReadingOptions = { size: 64, onBad: 'skip' };
 */
export interface ImageReadingOptions {
  /** Every image is resized to this square, in pixels; the aspect ratio is not kept. */
  readonly size: number;
  /** 3 for colour (default), 1 for grey; every file is converted. */
  readonly channels?: 1 | 3;
  /** What to do with a file that cannot be read: `'refuse'` (default) names it and stops, `'skip'` leaves it out and counts it. */
  readonly onBad?: 'refuse' | 'skip';
  /** Where the decoded images are cached; default `.cache/codistill`. */
  readonly cache?: string;
}

/**
 * One image file and what is known of it.
 *
 * @example
 * const file: ImageFile = { path: 'tiles/a/1.png', name: 'a/1.png', label: 'a' };
 */
export interface ImageFile {
  readonly path: string;
  /** As sentences and reports name it. */
  readonly name: string;
  readonly label: string;
  readonly group?: string;
  readonly split?: Split;
}

/** More files than cores, for some always wait for the disk. */
const AT_ONCE = 2 * availableParallelism();

interface Decoded {
  readonly pixels: Uint8Array;
  readonly files: readonly ImageFile[];
}

/** Bytes of all files that can be read, in their order. */
const decode = async (files: readonly ImageFile[], form: ImageForm, onBad: 'refuse' | 'skip'): Promise<Decoded> => {
  const bytes = form.size * form.size * form.channels;
  const pixels = sharedBytes(files.length * bytes);
  const good = new Array<boolean>(files.length).fill(false);
  const waiting = files.entries();
  let refused = false;
  const decodeSome = async (): Promise<void> => {
    for (const [at, { path }] of waiting) {
      if (refused) return;
      try {
        pixels.set(await decodeImage(path, form), at * bytes);
        good[at] = true;
      } catch (error) {
        if (onBad === 'skip' && error instanceof CodistillError) continue;
        refused = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, decodeSome));
  const kept = files.flatMap((file, at) => (good[at] === true ? [{ file, at }] : []));
  kept.forEach(({ at }, id) => pixels.copyWithin(id * bytes, at * bytes, (at + 1) * bytes));
  return { pixels: pixels.subarray(0, kept.length * bytes), files: kept.map(({ file }) => file) };
};

/**
 * Decodes image files into a set, or takes it from the cache if no file has changed. Classes are in alphabetical order.
 *
 * @param source - who reads them, with what options, and from where
 * @param files - in the order of the set
 * @throws CodistillError `SIZE_INVALID`, `FILE_UNREADABLE`, `ALL_BAD`, `CACHE_UNWRITABLE`
 * @example
 * const files = [{ path: 'tiles/a/1.png', name: 'a/1.png', label: 'a' }];
 * const set = await readImages({ name: 'tiles', options: {}, from: 'tiles' }, files, { size: 64 });
 */
export const readImages = async (
  source: ImageSet['source'] & { readonly from: string },
  files: readonly ImageFile[],
  { size, channels = 3, onBad = 'refuse', cache = '.cache/codistill' }: ImageReadingOptions,
): Promise<ImageSet> => {
  if (!Number.isSafeInteger(size) || size < 1) throw new CodistillError('SIZE_INVALID', say.loading.sizeInvalid(size));
  const stamps = files.map((file) => {
    const { size: bytes, mtimeMs } = statSync(file.path);
    return [file, bytes, mtimeMs];
  });
  return cached(cache, ['images', 1, source, size, channels, onBad, stamps], async () => {
    const { pixels, files: kept } = await decode(files, { size, channels }, onBad);
    if (kept.length === 0) throw new CodistillError('ALL_BAD', say.loading.allBad(source.from, files.length));
    const classNames = [...new Set(files.map(({ label }) => label))].sort();
    return {
      source: { name: source.name, options: { ...source.options, size, channels, ...(onBad === 'skip' ? { onBad } : {}) } },
      shape: [size, size, channels],
      pixels,
      labels: Int32Array.from(kept, ({ label }) => classNames.indexOf(label)),
      classNames,
      names: kept.map(({ name }) => name),
      ...(kept.every(({ group }) => group !== undefined) ? { groups: kept.map(({ group }) => group ?? '') } : {}),
      ...(kept.every(({ split }) => split !== undefined) ? { splits: kept.map(({ split }) => split ?? 'train') } : {}),
      skipped: files.length - kept.length,
    };
  });
};
