import { type Batch, type Data, defineView, key } from '@codistill/core';
import { augment } from './augment.ts';
import { type BatchingOptions, classificationData } from './classification-data.ts';
import { flip } from './flip.ts';
import { type ImageSet, type Split, sharedBytes } from './image-set.ts';

const many = (count: number, value: (id: number) => string): readonly string[] => Array.from({ length: count }, (_, id) => value(id));

/** Twenty pixels, of which every fourth is of class b. */
const set = (changes: Partial<ImageSet> = {}): ImageSet => {
  const pixels = sharedBytes(20);
  pixels.set(pixels.map((_, id) => 10 * id));
  return {
    source: { name: 'mine', options: {} },
    shape: [1, 1, 1],
    pixels,
    labels: Int32Array.from({ length: 20 }, (_, id) => Number(id % 4 === 0)),
    classNames: ['a', 'b'],
    names: many(20, (id) => `tile ${id}`),
    skipped: 0,
    ...changes,
  };
};
const all: BatchingOptions = { batch: 4, validation: 0, test: 0 };
const splits = (train: number, test: number): readonly Split[] => Array.from({ length: 20 }, (_, id) => (id < train ? 'train' : id < train + test ? 'test' : 'validation'));
const at = async (data: Data, position: number, seed = 1): Promise<Batch> => (await data.train.at(position, key(seed), [undefined]))[0] as Batch;

describe('what is refused, before any training', () => {
  const wide = new Float32Array(20).fill(0.5).with(7, 200);
  it.each<[string, Partial<ImageSet>, BatchingOptions, string, string]>([
    ['fewer pixels than labels', { pixels: sharedBytes(19) }, {}, 'PIXELS_COUNT', 'mine gives 19 pixel values for 20 labels of images [1, 1, 1]: give every label its image'],
    ['one class', { classNames: ['a'] }, {}, 'CLASSES_FEW', "mine has the classes 'a': classification needs at least two"],
    ['a label too large', { labels: new Int32Array(20).fill(1).with(3, 2) }, {}, 'LABEL_RANGE', "'mine' has label 2 at row 3: labels are integers from 0 to 1"],
    ['floats beyond the unit range', { pixels: wide }, {}, 'VALUE_RANGE', "'tile 7' holds 200: pixels that are not bytes must be numbers from 0 to 1"],
    ['NaN', { pixels: wide.with(7, Number.NaN) }, {}, 'VALUE_RANGE', "'tile 7' holds NaN: pixels that are not bytes must be numbers from 0 to 1"],
    [
      'a group in two splits',
      { splits: splits(15, 5), groups: many(20, (id) => `patient ${Math.floor(id / 2)}`) },
      {},
      'GROUP_PARTED',
      "group 'patient 7' is in the train split and in the test split, so the one would leak into the other: move its files together",
    ],
    ['a share of a split that is there', { splits: splits(10, 5) }, { test: 0.2, validation: 0 }, 'SPLIT_TWICE', 'the data has a test split of its own: leave out test: 0.2'],
    ['no training examples', { splits: splits(0, 20) }, {}, 'SPLIT_MISSING', 'the data has no examples in its train split: change the fractions or the folders'],
    ['shares of more than all', {}, { validation: 0.7, test: 0.5 }, 'FRACTIONS', 'the validation share 0.7 and the test share 0.5 must be at least 0 and leave something to train on'],
    ['half a batch', {}, { batch: 2.5 }, 'BATCH_INVALID', 'the batch size must be a positive integer but is 2.5'],
    ['a batch larger than the split', {}, { ...all, batch: 21 }, 'BATCH_TOO_LARGE', 'the batch of 21 is larger than the training split of 20 examples: choose a smaller batch'],
    ['less than no workers', {}, { workers: -1 }, 'WORKERS_INVALID', 'the number of workers must be 0 or a positive integer but is -1'],
    [
      'a mean for too few channels',
      {},
      { normalise: { mean: [], std: [1] } },
      'NORMALISE_INVALID',
      "normalise needs a mean and a deviation above 0 for each of 1 channels: give them, or say 'dataset' or 'unit'",
    ],
    [
      'a deviation of 0',
      {},
      { normalise: { mean: [0.5], std: [0] } },
      'NORMALISE_INVALID',
      "normalise needs a mean and a deviation above 0 for each of 1 channels: give them, or say 'dataset' or 'unit'",
    ],
  ])('%s', (_, changes, options, code, sentence) => {
    expect(() => classificationData(set(changes), { batch: 2, ...options })).toThrow(expect.objectContaining({ code, message: sentence }) as Error);
  });
});

describe('splits', () => {
  it('are ours by default: 10 % and 20 %, and stratified', () => {
    const data = classificationData(set(), { batch: 2 });
    expect([data.train.examples, data.validation?.examples, data.test?.examples]).toEqual([14, 2, 4]);
    expect(data.options).toMatchObject({ validation: 0.1, test: 0.2, splitSeed: 0 });
  });

  it('are the source’s, and what it lacks is drawn where a share is given', () => {
    const own = classificationData(set({ splits: splits(16, 4) }), { batch: 2 });
    expect([own.train.examples, own.validation, own.test?.examples]).toEqual([16, undefined, 4]);
    const drawn = classificationData(set({ splits: splits(16, 4) }), { batch: 2, validation: 0.25 });
    expect([drawn.train.examples, drawn.validation?.examples, drawn.test?.examples]).toEqual([12, 4, 4]);
    expect(drawn.options).toMatchObject({ validation: 0.25, splitSeed: 0 });
  });

  it('drawn beside the source’s keep groups together', async () => {
    const data = classificationData(set({ splits: splits(16, 4), groups: many(20, (id) => `patient ${id >> 1}`) }), { batch: 2, validation: 0.25 });
    const held = new Set<number>();
    for (let index = 0; index < (data.validation?.batches ?? 0); index++) for (const id of (await data.validation?.at(index, key(1), [undefined]))?.[0]?.ids ?? []) held.add(id >> 1);
    expect(held.size).toBe(2);
    for (let index = 0; index < data.train.batches; index++) for (const id of (await at(data, index)).ids) expect(held.has(id >> 1)).toBe(false);
  });
});

describe('batches', () => {
  it('are the pixels in unit range, less the mean, by the deviation', async () => {
    const data = classificationData(set(), { ...all, batch: 20, normalise: { mean: [0.25], std: [0.5] } });
    const { ids, input } = await at(data, 0);
    ids.forEach((id, row) => expect(input.values[row]).toBeCloseTo(((10 * id) / 255 - 0.25) / 0.5, 6));
  });

  it('are normalised by what the training split holds, and by nothing else', () => {
    const { normalisation } = classificationData(set({ splits: splits(2, 18) }), { batch: 2 });
    // Pixels 0 and 10 of 255.
    expect(normalisation.mean[0]).toBeCloseTo(5 / 255, 12);
    expect(normalisation.std[0]).toBeCloseTo(5 / 255, 12);
  });

  it('of floats are those floats', async () => {
    const pixels = Float32Array.from({ length: 20 }, (_, id) => id / 32);
    const { ids, input } = await at(classificationData(set({ pixels }), { ...all, batch: 20, normalise: 'unit' }), 0);
    ids.forEach((id, row) => expect(input.values[row]).toBe(id / 32));
  });

  it('draw every class equally often if balanced, the rare ones again and again', async () => {
    const data = classificationData(set(), { ...all, balanced: true });
    const seen = new Map<number, number>();
    for (let index = 0; index < data.train.batches; index++) for (const id of (await at(data, index)).ids) seen.set(id, (seen.get(id) ?? 0) + 1);
    const [often, rare] = [1, 0].map((rest) => [...seen].filter(([id]) => Number(id % 4 === 0) !== rest));
    expect([often, rare].map((drawn) => drawn?.reduce((sum, [, times]) => sum + times, 0))).toEqual([10, 10]);
    // Five examples of the rare class, each twice; ten different ones of the other.
    expect(new Set([often, rare].flatMap((drawn) => drawn?.map(([, times]) => times) ?? []))).toEqual(new Set([1, 2]));
  });

  it('are few where they are limited: the first of each class, and nothing less of the other splits', async () => {
    const data = classificationData(set(), { ...all, batch: 2, limit: 5 });
    const seen = await Promise.all([0, 1].map(async (position) => [...(await at(data, position)).ids]));
    expect(seen.flat().toSorted((a, b) => a - b)).toEqual([0, 1, 2, 4]);
    expect([data.train.examples, data.options['limit']]).toEqual([4, 5]);
    const halves = { validation: 0.5, test: 0, batch: 2 };
    expect(classificationData(set(), { ...halves, limit: 2 }).validation?.examples).toBe(classificationData(set(), halves).validation?.examples);
    expect(() => classificationData(set(), { ...all, limit: 1 })).toThrow(/limit must be an integer of at least 2, one of each class, not 1/);
  });

  it('are augmented by keys of position, seed and place in the list', async () => {
    const stamp = defineView({ name: 'stamp' }, (batch, [, word]) => ({ ...batch, input: { ...batch.input, values: batch.input.values.map(() => (word % 4096) / 4096) } }));
    const stamped = async (position: number, seed: number, before: number): Promise<number | undefined> => {
      const data = classificationData(set(), { ...all, normalise: 'unit', augment: [...Array<typeof stamp>(before).fill(stamp), stamp] });
      return (await at(data, position, seed)).input.values[0];
    };
    const stamps = [await stamped(0, 1, 0), await stamped(1, 1, 0), await stamped(0, 2, 0), await stamped(0, 1, 1)];
    expect(new Set(stamps).size).toBe(4);
    expect(await stamped(0, 1, 0)).toBe(stamps[0]);
  });

  it('count in the description what was skipped', () => {
    expect(classificationData(set({ skipped: 3 }), all).options).toMatchObject({ skipped: 3 });
    expect(classificationData(set(), all).options).not.toHaveProperty('skipped');
    expect(classificationData(set({ skipped: 3 }), all).notices).toContainEqual({ code: 'IMAGES_SKIPPED', sentence: expect.stringMatching(/^3 of \d+ images were left out, because they cannot be read$/) as string });
    expect(classificationData(set(), all).notices).toEqual([]);
  });
});

describe('worker threads', () => {
  const foreign = (name: string, from: string): ReturnType<typeof flip> => defineView({ package: from, name }, (batch) => batch);

  it('that cannot make a view say why, and go on', async () => {
    const data = classificationData(set(), { ...all, augment: [augment(flip())], workers: 1 });
    await expect(data.train.at(0, key(1), [foreign('blur', '@acme/none')])).rejects.toThrow(
      expect.objectContaining({ code: 'WORKER_FAILED', message: expect.stringMatching(/^a worker thread could not make a batch \(.*@acme\/none.*\): say workers: 0 to see where it fails$/) as string }) as Error,
    );
    await expect(data.train.at(0, key(1), [foreign('nothing', '@codistill/data')])).rejects.toThrow("('nothing' of '@codistill/data' cannot be rebuilt)");
    expect((await at(data, 0)).ids).toHaveLength(4);
    await data.close();
  });

  it('end with close, and begin again if asked', async () => {
    const data = classificationData(set(), { ...all, augment: [flip()], workers: 1 });
    const before = await at(data, 1);
    const flight = at(data, 3).catch(() => 'ended');
    await data.close();
    await flight;
    // Was being made ahead when the threads ended.
    expect((await at(data, 4)).ids).toHaveLength(4);
    expect(await at(data, 1)).toEqual(before);
    await data.close();
  });

  it('leave views of no package to the main thread, whose failures reject', async () => {
    const boom = defineView({ name: 'boom' }, () => {
      throw new Error('boom');
    });
    for (const workers of [0, 1]) {
      const data = classificationData(set(), { ...all, workers });
      await expect(data.train.at(0, key(1), [boom])).rejects.toThrow('boom');
      await data.close();
    }
  });
});
