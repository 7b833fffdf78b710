import { existsSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import sharp from 'sharp';
import type { ImageSet } from './image-set.ts';
import { readCifar } from './read-cifar.ts';
import { readCsvImages } from './read-csv-images.ts';
import { readIdx } from './read-idx.ts';
import { readNpz } from './read-npz.ts';

let folder: string;
const file = (name: string, bytes: Uint8Array | string): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'codistill-sources-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('IDX', () => {
  const idx = (shape: readonly number[], data: readonly number[]): Uint8Array => {
    const head = Buffer.alloc(4 + 4 * shape.length);
    head.set([0, 0, 8, shape.length]);
    shape.forEach((length, axis) => head.writeUInt32BE(length, 4 + 4 * axis));
    return Buffer.concat([head, Uint8Array.from(data)]);
  };

  it('is read, gzipped or not', async () => {
    const images = file('images.gz', gzipSync(idx([2, 1, 2], [1, 2, 3, 4])));
    const set = await readIdx({ images, labels: file('labels', idx([2], [1, 0])) });
    expect([...set.pixels]).toEqual([1, 2, 3, 4]);
    expect([...set.labels]).toEqual([1, 0]);
    expect(set.shape).toEqual([1, 2, 1]);
    expect(set.classNames).toEqual(['0', '1']);
  });

  it('is refused where it is not what it says', async () => {
    const images = file('images', idx([2, 1, 2], [1, 2, 3, 4]));
    const bad = (labels: Uint8Array, options = {}): Promise<unknown> => readIdx({ images, labels: file('labels', labels), ...options });
    await expect(bad(Uint8Array.of(1, 2, 3, 4))).rejects.toThrow(/labels' cannot be read \(it does not begin like an IDX file of 1 dimensions of bytes\): check the path and get the file again$/);
    await expect(bad(idx([3], [1, 0]))).rejects.toThrow(/\(it holds 2 bytes of data where its header says 3\)/);
    await expect(bad(idx([3], [1, 0, 1]))).rejects.toThrow(/images' has 2 images but 3 labels: they must be as many$/);
    await expect(bad(idx([2], [1, 7]), { classNames: ['a', 'b'] })).rejects.toThrow(/labels' has label 7 at row 1: labels are integers from 0 to 1$/);
    await expect(readIdx({ images: join(folder, 'none'), labels: images })).rejects.toThrow(/none' cannot be read \(ENOENT/);
  });
});

describe('CIFAR', () => {
  const row = (label: number): readonly number[] => [label, ...Array.from({ length: 3072 }, (_, at) => Math.floor(at / 1024) * 50 + (at % 4))];

  it('planes become pixels', async () => {
    const set = await readCifar({ train: [file('a.bin', Uint8Array.from([...row(3), ...row(9)]))], test: [file('b.bin', Uint8Array.from(row(0)))], classes: 10 });
    expect([...set.labels]).toEqual([3, 9, 0]);
    expect([...set.pixels.subarray(0, 6)]).toEqual([0, 50, 100, 1, 51, 101]);
    expect(set.splits).toEqual(['train', 'train', 'test']);
  });

  it('is refused where it is cut off, or a label is none', async () => {
    await expect(readCifar({ train: [file('a.bin', new Uint8Array(3000))], classes: 10 })).rejects.toThrow(/\(its 3000 bytes are no whole number of rows of 3073\)/);
    await expect(readCifar({ train: [file('a.bin', Uint8Array.from(row(12)))], classes: 10 })).rejects.toThrow(/has label 12 at row 0: labels are integers from 0 to 9$/);
  });
});

describe('npz', () => {
  const npy = (descr: string, shape: readonly number[], data: Uint8Array): Uint8Array => {
    const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
    const padded = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
    const head = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, padded.length & 255, padded.length >> 8]);
    return Buffer.concat([head, Buffer.from(padded), data]);
  };
  const read = (path: string): Promise<ImageSet> => readNpz(path, { cache: join(folder, 'cache') });
  const images = npy('|u1', [2, 1, 2], Uint8Array.of(1, 2, 3, 4));
  const labels = npy('|u1', [2, 1], Uint8Array.of(0, 1));

  it('of MedMNIST is read with its splits', async () => {
    const path = file('m.npz', zipSync({ 'train_images.npy': images, 'train_labels.npy': labels, 'test_images.npy': images, 'test_labels.npy': labels }));
    const set = await read(path);
    expect(set.splits).toEqual(['train', 'train', 'test', 'test']);
    expect([...set.pixels]).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
    expect([...set.labels]).toEqual([0, 1, 0, 1]);
    expect(set.shape).toEqual([1, 2, 1]);
  });

  it('is inflated once, as long as the file is the same', async () => {
    const path = file('m.npz', zipSync({ 'train_images.npy': images, 'train_labels.npy': labels }));
    utimesSync(path, 1_000, 1_000);
    const set = await read(path);
    writeFileSync(path, new Uint8Array(statSync(path).size));
    utimesSync(path, 1_000, 1_000);
    expect(await read(path)).toEqual(set);
    utimesSync(path, 1_000, 2_000);
    await expect(read(path)).rejects.toThrow(/m\.npz' cannot be read/);
  });

  it('of floats is read, and not cached', async () => {
    const halves = npy('<f4', [2, 1, 2], new Uint8Array(Float32Array.of(0, 0.5, 0.25, 1).buffer));
    const set = await read(file('h.npz', zipSync({ 'train_images.npy': halves, 'train_labels.npy': labels })));
    expect([...set.pixels]).toEqual([0, 0.5, 0.25, 1]);
    expect(existsSync(join(folder, 'cache'))).toBe(false);
  });

  it('is refused by name', async () => {
    const floats = npy('<f4', [2, 1, 2], new Uint8Array(Float32Array.of(0, 0.5, NaN, 1).buffer));
    await expect(read(file('a.npz', zipSync({ 'train_images.npy': images })))).rejects.toThrow(/a\.npz' has no array 'train_labels': it has 'train_images'$/);
    await expect(read(file('b.npz', zipSync({ 'train_images.npy': floats, 'train_labels.npy': labels })))).rejects.toThrow(/b\.npz \(train_images\)' holds NaN in row 1: remove the row or mend it$/);
    await expect(read(file('c.npz', zipSync({ 'train_images.npy': images, 'train_labels.npy': npy('|i1', [2, 1], new Uint8Array(Int8Array.of(0, -1).buffer)) })))).rejects.toThrow(
      /has label -1 at row 1: labels are integers from 0 to 1$/,
    );
    await expect(read(file('d.npz', zipSync({ 'train_images.npy': images, 'train_labels.npy': npy('|u1', [3], Uint8Array.of(0, 1, 1)) })))).rejects.toThrow(/has 2 images but 3 labels/);
    const one = (name: string, array: Uint8Array): Promise<unknown> => read(file(name, zipSync({ 'train_images.npy': array, 'train_labels.npy': labels })));
    await expect(one('f.npz', npy('|u1', [2, 1, 2], Uint8Array.of(1, 2)))).rejects.toThrow(/f\.npz \(train_images\)' cannot be read \(/);
    await expect(one('g.npz', npy('|u1', [2, 1, 1, 1, 2], Uint8Array.of(1, 2, 3, 4)))).rejects.toThrow(/its shape is \[2, 1, 1, 1, 2\], not \[n, h, w\]/);
    await expect(one('i.npz', Uint8Array.of(1, 2, 3))).rejects.toThrow(/i\.npz \(train_images\)' cannot be read/);
    await expect(read(file('e.npz', 'text'))).rejects.toThrow(/e\.npz' cannot be read/);
  });
});

describe('a table of images', () => {
  const options = { image: 'path', label: 'class', size: 2, channels: 3 } as const;
  beforeEach(async () => {
    for (const name of ['a.png', 'b.png']) await sharp({ create: { width: 3, height: 3, channels: 3, background: 'red' } }).toFile(join(folder, name));
  });

  it('is read with groups and splits', async () => {
    const path = file('t.csv', 'path,class,patient,part\na.png,yes,p1,train\nb.png,no,p2,test\n');
    const set = await readCsvImages(path, { ...options, group: 'patient', split: 'part' });
    expect([set.classNames, [...set.labels], set.groups, set.splits]).toEqual([['no', 'yes'], [1, 0], ['p1', 'p2'], ['train', 'test']]);
    expect([...set.pixels.subarray(0, 3)]).toEqual([255, 0, 0]);
  });

  it('is refused by column and row', async () => {
    const bad = (text: string, extra = {}): Promise<unknown> => readCsvImages(file('t.csv', text), { ...options, ...extra });
    await expect(bad('file,class\na.png,yes\n')).rejects.toThrow(/t\.csv' has no column 'path': it has 'file', 'class'$/);
    await expect(bad('path,class\na.png,yes\nc.png,no\n')).rejects.toThrow(/^row 3 of '.*t\.csv' names 'c\.png', which is not there: mend the path or delete the row$/);
    await expect(bad('path,class,part\na.png,yes,dev\n', { split: 'part' })).rejects.toThrow(/^row 2 of '.*t\.csv' has the split 'dev': there are 'train', 'val', 'test'$/);
    await expect(bad('path,class\n')).rejects.toThrow(/it holds no rows/);
  });
});
