import { createHash } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { CodistillError, say } from '@codistill/core/host';
import { type ImageSet, sharedBytes } from './image-set.ts';

type Header = Omit<ImageSet, 'pixels' | 'labels'> & { readonly bytes: number };

/** Bytes of the header's length. */
const PREFIX = 4;

const words = (array: Int32Array): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

const writeSet = (path: string, set: ImageSet): void => {
  const { pixels, labels, ...rest } = set;
  const header = new TextEncoder().encode(JSON.stringify({ ...rest, bytes: pixels.length } satisfies Header));
  const prefix = new Uint8Array(PREFIX);
  new DataView(prefix.buffer).setUint32(0, header.length, true);
  const file = openSync(path, 'w');
  try {
    for (const part of [prefix, header, words(labels), pixels as Uint8Array]) {
      for (let done = 0; done < part.length; ) done += writeSync(file, part, done);
    }
  } finally {
    closeSync(file);
  }
};

/** Fills `into` from a place in a file. */
const fill = (file: number, into: Uint8Array, from: number): void => {
  for (let done = 0; done < into.length; ) {
    const got = readSync(file, into, done, into.length - done, from + done);
    if (got === 0) throw new Error('the file ends early');
    done += got;
  }
};

/** `undefined` where there is no file, or it is not whole. Pixels go straight to where they stay. */
const readSet = (path: string): ImageSet | undefined => {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const prefix = new Uint8Array(PREFIX);
    fill(file, prefix, 0);
    const length = new DataView(prefix.buffer).getUint32(0, true);
    const size = fstatSync(file).size;
    if (PREFIX + length > size) return undefined;
    const text = new Uint8Array(length);
    fill(file, text, PREFIX);
    const { bytes, ...header } = JSON.parse(new TextDecoder().decode(text)) as Header;
    const start = PREFIX + length;
    const middle = start + 4 * header.names.length;
    if (size !== middle + bytes) return undefined;
    const labels = new Int32Array(header.names.length);
    const pixels = sharedBytes(bytes);
    fill(file, words(labels), start);
    fill(file, pixels, middle);
    return { ...header, labels, pixels };
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
};

/** A reader finds the whole file or none; what could not be finished does not stay. */
const replace = (path: string, set: ImageSet): void => {
  const unfinished = `${path}.${process.pid}.unfinished`;
  try {
    writeSet(unfinished, set);
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
};

/**
 * Reads a set of images from the cache, or makes it and caches it if it is of bytes. The file is written under a temporary name and renamed; one
 * that is not whole is made again.
 *
 * @param folder - where caches are; made if it is not there
 * @param identity - everything the set depends on: paths, sizes, times, options
 * @param make - reads the source
 * @throws CodistillError `CACHE_UNWRITABLE` where the disk is full, or the folder is not ours to write to
 * @example
 * declare const read: () => Promise<ImageSet>;
 * const set = await cached('.cache/codistill', ['tiles', 64], read);
 */
export const cached = async (folder: string, identity: unknown, make: () => Promise<ImageSet>): Promise<ImageSet> => {
  const path = join(folder, `${createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 24)}.images`);
  const found = readSet(path);
  if (found !== undefined) return found;
  const set = await make();
  if (!(set.pixels instanceof Uint8Array)) return set;
  try {
    mkdirSync(folder, { recursive: true });
    replace(path, set);
  } catch (error) {
    throw new CodistillError('CACHE_UNWRITABLE', say.loading.cacheUnwritable(folder, (error as Error).message), { cause: error });
  }
  return set;
};
