import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ImageSet, sharedBytes } from './image-set.ts';

type Header = Omit<ImageSet, 'pixels' | 'labels'> & { readonly bytes: number };

/** Bytes of the header's length. */
const PREFIX = 4;

const encode = (set: ImageSet): readonly Uint8Array[] => {
  const { pixels, labels, ...rest } = set;
  const header = new TextEncoder().encode(JSON.stringify({ ...rest, bytes: pixels.length } satisfies Header));
  const prefix = new Uint8Array(PREFIX);
  new DataView(prefix.buffer).setUint32(0, header.length, true);
  return [prefix, header, new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength), pixels as Uint8Array];
};

/** `undefined` where the file is not whole. */
const decode = (file: Uint8Array): ImageSet | undefined => {
  try {
    const length = new DataView(file.buffer, file.byteOffset).getUint32(0, true);
    const { bytes, ...header } = JSON.parse(new TextDecoder().decode(file.subarray(PREFIX, PREFIX + length))) as Header;
    const start = PREFIX + length;
    const middle = start + 4 * header.names.length;
    if (file.length !== middle + bytes) return undefined;
    // A copy: a Buffer's own slice would share its memory, at any offset.
    const labels = new Int32Array(Uint8Array.from(file.subarray(start, middle)).buffer);
    const pixels = sharedBytes(bytes);
    pixels.set(file.subarray(middle));
    return { ...header, labels, pixels };
  } catch {
    return undefined;
  }
};

/**
 * Reads a set of byte images from the cache, or makes it and caches it. The file is written under a temporary name and renamed; one
 * that is not whole is made again.
 *
 * @param folder - where caches are; made if it is not there
 * @param identity - everything the set depends on: paths, sizes, times, options
 * @param make - reads the source
 * @example
 * declare const read: () => Promise<ImageSet>;
 * const set = await cached('.cache/codistill', ['tiles', 64], read);
 */
export const cached = async (folder: string, identity: unknown, make: () => Promise<ImageSet>): Promise<ImageSet> => {
  const path = join(folder, `${createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 24)}.images`);
  if (existsSync(path)) {
    const found = decode(readFileSync(path));
    if (found !== undefined) return found;
  }
  const set = await make();
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}.unfinished`;
  writeFileSync(unfinished, Buffer.concat(encode(set)));
  renameSync(unfinished, path);
  return set;
};
