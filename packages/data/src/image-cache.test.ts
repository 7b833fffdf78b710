import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cached } from './image-cache.ts';
import { type ImageSet, sharedBytes } from './image-set.ts';

const folder = mkdtempSync(join(tmpdir(), 'codistill-cache-'));
afterAll(() => rmSync(folder, { recursive: true }));

const set = (): ImageSet => {
  const pixels = sharedBytes(12);
  pixels.set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255]);
  return {
    source: { name: 'mine', options: { path: 'ä', size: 2 } },
    shape: [2, 2, 1],
    pixels,
    labels: Int32Array.of(0, 1, 2),
    classNames: ['a', 'b', 'ç'],
    names: ['1', '2', '3'],
    groups: ['x', 'x', 'y'],
    splits: ['train', 'train', 'test'],
    skipped: 4,
  };
};

/** Reads through the cache, and how often the source was read. */
const read = async (identity: unknown, into = folder): Promise<{ readonly set: ImageSet; readonly made: number }> => {
  let made = 0;
  const got = await cached(into, identity, () => {
    made += 1;
    return Promise.resolve(set());
  });
  return { set: got, made };
};

it('gives back what was put in, in shared memory, without reading the source again', async () => {
  expect(await read('a')).toEqual({ set: set(), made: 1 });
  const again = await read('a');
  expect(again).toEqual({ set: set(), made: 0 });
  expect(again.set.pixels.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect((await read('b')).made).toBe(1);
});

it('is made again when it was cut off, at any byte, or holds something else', async () => {
  const own = join(folder, 'own');
  await read('a', own);
  const [name = ''] = readdirSync(own);
  const [path, whole] = [join(own, name), join(folder, 'whole')];
  copyFileSync(path, whole);
  for (let length = 0; length < statSync(whole).size; length += 3) {
    copyFileSync(whole, path);
    truncateSync(path, length);
    expect(await read('a', own)).toEqual({ set: set(), made: 1 });
  }
  copyFileSync(whole, path);
  appendFileSync(path, 'x');
  expect((await read('a', own)).made).toBe(1);
  writeFileSync(path, 'something else');
  expect((await read('a', own)).made).toBe(1);
  expect((await read('a', own)).made).toBe(0);
  expect(readdirSync(own)).toEqual([name]);
});

it('that cannot be written is named', async () => {
  const taken = join(folder, 'taken');
  writeFileSync(taken, '');
  await expect(read('a', taken)).rejects.toThrow(
    expect.objectContaining({
      code: 'CACHE_UNWRITABLE',
      message: expect.stringMatching(/^the decoded images cannot be kept in '.*taken' \(.+\): free some space there, or name another folder, cache: 'path'$/) as string,
    }) as Error,
  );
});

it('leaves nothing behind where it cannot be finished', async () => {
  const own = join(folder, 'unfinished');
  await read('a', own);
  const [name = ''] = readdirSync(own);
  rmSync(join(own, name));
  mkdirSync(join(own, name));
  await expect(read('a', own)).rejects.toThrow(/cannot be kept/);
  expect(readdirSync(own)).toEqual([name]);
});
