import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Batch, type Data, defineView, key } from '@codistill/core';
import sharp, { type Sharp } from 'sharp';
import { augment } from './augment.ts';
import { classificationData } from './classification-data.ts';
import { decodeImage } from './decode-image.ts';
import { flip } from './flip.ts';
import { imageFolder, readImageFolder } from './image-folder.ts';

let root: string;
let cache: string;
const paint = (folder: string, name: string, background: string, form: 'png' | 'jpeg' = 'png'): Promise<unknown> => {
  mkdirSync(join(root, folder), { recursive: true });
  return sharp({ create: { width: 10, height: 12, channels: 3, background } }).toFormat(form, { quality: 100 }).toFile(join(root, folder, name));
};

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'codistill-folder-'));
  cache = join(root, '..', `${root.split('/').at(-1) ?? ''}-cache`);
  for (let at = 0; at < 10; at++) {
    await paint('red', `${at}.png`, `rgb(${200 + at}, 0, 0)`);
    await paint('blue', `${at}.jpg`, `rgb(0, 0, ${200 + at})`, 'jpeg');
  }
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
  rmSync(cache, { recursive: true, force: true });
});

const everything = async (data: Data, position = 0): Promise<Batch> => (await data.train.at(position, key(1), [undefined]))[0] as Batch;

describe('a folder of images', () => {
  it('becomes labelled batches, and is decoded once', async () => {
    const set = await readImageFolder(root, { size: 4, cache });
    expect(set.classNames).toEqual(['blue', 'red']);
    expect(set.names[0]).toBe('blue/0.jpg');
    expect([...set.pixels.subarray(10 * 48, 10 * 48 + 3)]).toEqual([200, 0, 0]);
    const [file = ''] = readdirSync(cache);
    const again = await readImageFolder(root, { size: 4, cache });
    expect(again).toEqual(set);
    // A cache that is not whole is made anew.
    truncateSync(join(cache, file), 500);
    expect(await readImageFolder(root, { size: 4, cache })).toEqual(set);
    expect(readdirSync(cache)).toHaveLength(1);
  });

  it('goes through every example once an epoch, in another order each time', async () => {
    const data = await imageFolder(root, { size: 4, batch: 5, cache, validation: 0, test: 0.2 });
    const epoch = async (number: number): Promise<number[]> => {
      const ids: number[] = [];
      for (let index = 0; index < data.train.batches; index++) ids.push(...(await everything(data, number * data.train.batches + index)).ids);
      return ids;
    };
    const [first, second] = [await epoch(0), await epoch(1)];
    expect(new Set(first).size).toBe(16);
    expect([...first].sort()).toEqual([...second].sort());
    expect(first).not.toEqual(second);
    expect(data.validation).toBeUndefined();
    expect(data.test?.examples).toBe(4);
  });

  it('is normalised by the training split', async () => {
    const data = await imageFolder(root, { size: 4, batch: 20, cache, validation: 0, test: 0 });
    const { input } = await everything(data);
    for (let channel = 0; channel < 3; channel++) {
      const values = input.values.filter((_, at) => at % 3 === channel);
      const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
      expect(mean).toBeCloseTo(0, 5);
      if (data.normalisation.std[channel] !== 1) expect(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length).toBeCloseTo(1, 4);
    }
  });

  it('makes the same bytes with worker threads and without, in any order of asking', async () => {
    const set = await readImageFolder(root, { size: 4, cache });
    const options = { batch: 6, augment: [augment(flip({ vertical: true }))], validation: 0, test: 0 } as const;
    const [here, there] = [classificationData(set, { ...options, workers: 0 }), classificationData(set, { ...options, workers: 2 })];
    const local = defineView({ name: 'darker' }, (batch) => ({ ...batch, input: { ...batch.input, values: batch.input.values.map((x) => x / 2) } }));
    for (const position of [0, 1, 2, 7, 3, 0]) {
      for (const views of [[undefined], [undefined, flip()], [local]]) {
        expect(await there.train.at(position, key(4), views)).toEqual(await here.train.at(position, key(4), views));
      }
    }
    await there.close();
  });

  it('draws classes evenly if asked', async () => {
    rmSync(join(root, 'red'), { recursive: true });
    await paint('red', 'only.png', 'red');
    const data = await imageFolder(root, { size: 4, batch: 11, cache, validation: 0, test: 0, balanced: true });
    const { labels } = await everything(data);
    const reds = (labels['class']?.values ?? []).filter((value, at) => at % 2 === 1 && value === 1).length;
    expect([5, 6]).toContain(reds);
  });

  it('keeps groups of manifest.csv together', async () => {
    writeFileSync(join(root, 'manifest.csv'), `file,group\n${Array.from({ length: 10 }, (_, at) => `${at}.png,g${at % 5}\n${at}.jpg,h${at % 5}`).join('\n')}\n`);
    const set = await readImageFolder(root, { size: 4, cache });
    expect(new Set(set.groups).size).toBe(10);
    expect(set.source.options).toEqual({ path: root, groupBy: 'manifest.csv:group', groups: 10, size: 4, channels: 3 });
  });

  it('says in its description what groups it', async () => {
    const firstDigit = (file: string): string => file.replace(/^.*[/\\]/, '').slice(0, 1);
    const data = await imageFolder(root, { size: 4, cache, groupBy: firstDigit, batch: 4 });
    expect(data.options).toMatchObject({ groupBy: 'firstDigit', groups: 10 });
    expect((await imageFolder(root, { size: 4, cache, groupBy: (file) => file, batch: 4 })).options).toMatchObject({ groupBy: 'groupBy', groups: 20 });
    expect((await readImageFolder(root, { size: 4, cache })).source.options).not.toHaveProperty('groups');
  });

  it('converts grey, transparent, 16-bit and CMYK files', async () => {
    const made = async (name: string, image: Sharp): Promise<Uint8Array> => {
      const path = join(root, name);
      await image.toFile(path);
      return decodeImage(path, { size: 2, channels: 3 });
    };
    const red = { create: { width: 6, height: 6, channels: 3, background: 'rgb(200, 10, 10)' } } as const;
    const close = (bytes: Uint8Array, expected: readonly number[], by: number): void => {
      expect(bytes).toHaveLength(12);
      expected.forEach((value, channel) => expect(Math.abs((bytes[channel] ?? 0) - value)).toBeLessThanOrEqual(by));
    };
    close(await made('plain.png', sharp(red)), [200, 10, 10], 0);
    close(await made('grey.png', sharp({ create: { width: 6, height: 6, channels: 3, background: 'rgb(90, 90, 90)' } }).toColourspace('b-w')), [90, 90, 90], 1);
    close(await made('sixteen.png', sharp(red).toColourspace('rgb16')), [200, 10, 10], 1);
    close(await made('cmyk.jpg', sharp(red).toColourspace('cmyk').jpeg({ quality: 100 })), [200, 10, 10], 40);
    close(await made('half.png', sharp({ create: { width: 6, height: 6, channels: 4, background: { r: 200, g: 100, b: 50, alpha: 0.5 } } })), [100, 50, 25], 2);
    expect(await decodeImage(join(root, 'plain.png'), { size: 2, channels: 1 })).toHaveLength(4);
  });
});

describe('bad input is named', () => {
  const refuses = (sentence: RegExp, folder = root, options = {}): Promise<void> => expect(imageFolder(folder, { size: 4, batch: 4, cache, ...options })).rejects.toThrow(sentence);

  it('a wrong folder', () => refuses(/^there is no folder '.*nowhere': '.*' holds 'blue', 'red'$/, join(root, 'nowhere')));
  it('a folder without classes', () => refuses(/has no folder per class: it holds '0\.jpg', /, join(root, 'blue')));
  it('one class', () => {
    rmSync(join(root, 'red'), { recursive: true });
    return refuses(/holds images of one class only, 'blue': classification needs at least two$/);
  });
  it('an empty class', () => {
    mkdirSync(join(root, 'green'));
    return refuses(/^the class folder '.*green' holds no JPEG or PNG images: fill it or delete it$/);
  });
  it('other classes in another split', async () => {
    await paint('train/a', '1.png', 'red');
    await paint('train/b', '1.png', 'blue');
    await paint('test/a', '1.png', 'red');
    await paint('test/c', '1.png', 'red');
    await refuses(/test' holds the classes 'a', 'c' but the training split holds 'a', 'b': use the same folders in every split$/);
  });
  it('a truncated file, or one that is no image, unless it may be skipped', async () => {
    copyFileSync(join(root, 'red/1.png'), join(root, 'red/x.png'));
    truncateSync(join(root, 'red/x.png'), 60);
    await refuses(/^the image '.*red\/x\.png' cannot be read \(.+\): mend or delete it, or say onBad: 'skip'$/);
    writeFileSync(join(root, 'red/x.png'), 'text');
    await refuses(/x\.png' cannot be read/);
    const set = await readImageFolder(root, { size: 4, cache, onBad: 'skip' });
    expect(set.skipped).toBe(1);
    expect(set.names).toHaveLength(20);
  });
  it('sizes that make no sense', async () => {
    await refuses(/^the batch of 40 is larger than the training split of 14 examples: choose a smaller batch$/, root, { batch: 40 });
    await refuses(/^the batch size must be a positive integer but is 0$/, root, { batch: 0 });
    await refuses(/^the image size must be a positive integer but is 1\.5$/, root, { size: 1.5 });
  });
});

const colon = join(import.meta.dirname, '../../../../shared/data/colon_lc25000_2k');
const onColon = existsSync(colon) ? it : it.skip;
if (!existsSync(colon)) console.warn(`colon_lc25000_2k is not at ${colon}: its test is skipped`);
onColon('colon_lc25000_2k is read with its own splits', async () => {
  const data = await imageFolder(colon, { size: 16, cache });
  expect([data.train.examples, data.validation?.examples, data.test?.examples]).toEqual([1406, 299, 295]);
  expect(data.task.classNames).toEqual(['colon_aca', 'colon_n']);
});
