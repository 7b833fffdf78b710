import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { type CsvImagesOptions, readCsvImages } from './read-csv-images.ts';
import { readImageFolder } from './image-folder.ts';
import type { ImageSet } from './image-set.ts';

const root = mkdtempSync(join(tmpdir(), 'codistill-csv-'));
const cache = join(root, 'cache');
beforeAll(async () => {
  for (const [at, name] of ['a/1.png', 'a/2.png', 'b/1.png', 'b/2.png'].entries()) {
    for (const folder of [root, join(root, 'tiles')]) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      await sharp({ create: { width: 5, height: 7, channels: 3, background: { r: 50 * at, g: 20, b: 10 } } }).toFile(join(folder, name));
    }
  }
  writeFileSync(join(root, 'text.png'), 'text');
});
afterAll(() => rmSync(root, { recursive: true }));

const read = (text: string, options: Partial<CsvImagesOptions> = {}): Promise<ImageSet> => {
  writeFileSync(join(root, 'table.csv'), text);
  return readCsvImages(join(root, 'table.csv'), { image: 'file', label: 'class', size: 3, cache, ...options });
};

it('the same files as a folder give the same images', async () => {
  const table = await read('file,class\na/1.png,a\na/2.png,a\nb/1.png,b\nb/2.png,b\n');
  const folder = await readImageFolder(join(root, 'tiles'), { size: 3, cache });
  expect([table.names, table.classNames, table.labels, table.pixels]).toEqual([folder.names, folder.classNames, folder.labels, folder.pixels]);
});

it('a table may be quoted, with blanks, a byte-order mark and empty lines', async () => {
  const table = await read('\uFEFF"file" , class,patient\n\n"a/1.png", "one, two" , p1\nb/2.png,three,p2\n', { group: 'patient' });
  expect(table.classNames).toEqual(['one, two', 'three']);
  expect(table.groups).toEqual(['p1', 'p2']);
});

it('a file that cannot be read is named, or skipped and counted', async () => {
  const text = 'file,class\na/1.png,a\ntext.png,b\nb/1.png,b\n';
  await expect(read(text)).rejects.toThrow(/^the image '.*text\.png' cannot be read \(.+\): mend or delete it, or say onBad: 'skip'$/);
  const { names, skipped, labels, pixels } = await read(text, { onBad: 'skip' });
  expect([names, skipped, [...labels]]).toEqual([['a/1.png', 'b/1.png'], 1, [0, 1]]);
  // What follows a gap moves up, with its own pixels.
  expect([pixels.length, ...pixels.subarray(27, 30)]).toEqual([54, 100, 20, 10]);
});

it.each<[string, string, Partial<CsvImagesOptions>, RegExp]>([
  ['a blank label', 'file,class\na/1.png,a\na/2.png,\n', {}, /^row 3 of '.*table\.csv' has nothing in column 'class': fill it or delete the row$/],
  ['a blank file', 'file,class\n,a\n', {}, /^row 2 of '.*table\.csv' has nothing in column 'file': fill it or delete the row$/],
  ['a blank group', 'file,class,p\na/1.png,a,\n', { group: 'p' }, /^row 2 of '.*table\.csv' has nothing in column 'p': fill it or delete the row$/],
  ['a file twice', 'file,class\na/1.png,a\nb/1.png,b\n./a/1.png,b\n', {}, /^row 4 of '.*table\.csv' names '\.\/a\/1\.png', as row 2 does: an image may be in a set once$/],
  ['a split of no name', 'file,class,s\na/1.png,a,constructor\n', { split: 's' }, /^row 2 of '.*table\.csv' has the split 'constructor': there are 'train', 'val', 'test'$/],
  ['no such column', 'file,class\na/1.png,a\n', { group: 'patient' }, /^'.*table\.csv' has no column 'patient': it has 'file', 'class'$/],
  ['a size of 0', 'file,class\na/1.png,a\n', { size: 0 }, /^the image size must be a positive integer but is 0$/],
  ['a row too short', 'file,class\na/1.png\n', {}, /^'.*table\.csv' cannot be read \(.*\): check the path and get the file again$/],
])('%s is refused', async (_, text, options, sentence) => {
  await expect(read(text, options)).rejects.toThrow(sentence);
});
