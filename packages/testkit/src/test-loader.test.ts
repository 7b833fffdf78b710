import type { Batch, Data, Loader } from '@codistill/core';
import { blobs } from './blobs.ts';
import { type LoaderLawOptions, loaderLaws, testLoader } from './test-loader.ts';

const sound = blobs({ input: [3, 3, 2], examples: 20, batch: 6 });

testLoader(sound, { unitRange: false });

/** The same data with another training loader. */
const withTrain = (change: (loader: Loader) => Partial<Loader>): Data => ({ ...sound, train: { ...sound.train, ...change(sound.train) } });
const withTest = (change: (loader: Loader) => Partial<Loader>): Data => ({ ...sound, test: { ...sound.train, ...change(sound.train) } });

/** The same loader with other batches. */
const each = (change: (batch: Batch, position: number) => Batch) => (loader: Loader): Partial<Loader> => ({
  at: async (position, key, views) => (await loader.at(position, key, views)).map((batch) => change(batch, position)),
});

const failures = async (data: Data, options: LoaderLawOptions = { unitRange: false }): Promise<string[]> => {
  const sentences: string[] = [];
  for (const { check } of loaderLaws(data, options)) {
    try {
      await check();
    } catch (error) {
      sentences.push((error as Error).message);
    }
  }
  return sentences;
};

/** The numbers of a batch with one of them changed. */
const touched = (batch: Batch, at: number, value: number): Batch => ({ ...batch, input: { ...batch.input, values: batch.input.values.with(at, value) } });
const relabelled = (batch: Batch, values: Float32Array): Batch => ({ ...batch, labels: { class: { shape: [batch.ids.length, 3], values } } });

let calls = 0;

describe('a law that fails says so in a sentence', () => {
  it.each<[string, Data, RegExp]>([
    ['a batch too small', withTrain(each((batch) => ({ ...batch, ids: batch.ids.subarray(1) }))), /^batch 0 of the train split has 5 examples where 6 were due\.$/u],
    ['a wrong count', withTrain(() => ({ batches: 3 })), /^the train split says 3 batches of 6 for 20 examples\.$/u],
    ['another shape', withTrain(each((batch) => ({ ...batch, input: { ...batch.input, shape: [batch.ids.length, 18] } }))), /^batch 0 of the train split has input of shape \[18\] an example where the data declares \[3, 3, 2\]\.$/u],
    ['NaN', withTrain(each((batch, position) => (position === 1 ? touched(batch, 20, Number.NaN) : batch))), /^batch 1 of the train split has NaN in input, in the example of id \d+\.$/u],
    ['no labels', withTrain(each((batch) => ({ ...batch, labels: {} }))), /^batch 0 of the train split has no labels\.class, which the task 'class' declares\.$/u],
    ['labels that do not sum to 1', withTrain(each((batch) => relabelled(batch, (batch.labels['class']?.values ?? new Float32Array(0)).map((x) => x / 2)))), /^batch 0 of the train split has the label row \[(0|0\.5), (0|0\.5), (0|0\.5)\]: a row is a distribution, its sum 1\.$/u],
    ['an id below 0', withTrain(each((batch) => ({ ...batch, ids: batch.ids.map((id) => id - 1) }))), /^batch \d of the train split has the id -1: ids count from 0\.$/u],
    ['an example twice', withTrain(each((batch) => ({ ...batch, ids: batch.ids.map((id) => id >> 1) }))), /^epoch 0 of the train split has the example of id \d+ twice\.$/u],
    ['a memory', withTrain(each((batch) => touched(batch, 0, calls++))), /^position \d of the train split gave other bytes when asked again, in another order\.$/u],
    [
      'one array for all',
      withTrain((loader) => {
        const made = new Map<string, Promise<readonly Batch[]>>();
        return {
          at: (position, key, views) => {
            const id = `${position} ${key.join()} ${views.length}`;
            return made.get(id) ?? made.set(id, loader.at(position, key, views)).get(id) ?? Promise.resolve([]);
          },
        };
      }),
      /^position \d of the train split gave other bytes when asked again, in another order\.$/u,
    ],
    ['one order for all epochs', withTrain((loader) => ({ at: (position, key, views) => loader.at(position % loader.batches, key, views) })), /^epochs 0 and 1 have one order: shuffle by the epoch, or say shuffled: false\.$/u],
    ['one order for all seeds', withTrain((loader) => ({ at: (position, _, views) => loader.at(position, [0, 1], views) })), /^two seeds have one order: shuffle by the key that at is given, or say shuffled: false\.$/u],
    ['one view for all', withTrain((loader) => ({ at: async (position, key, views) => (await loader.at(position, key, views.slice(0, 1))).flatMap((batch) => views.map(() => batch)) })), /^a view made .* of a pixel, which became .*: its normalisation is .*\.$/u],
    ['a normalisation it does not declare', withTrain(each((batch) => ({ ...batch, input: { ...batch.input, values: batch.input.values.map((x) => 2 * x) } }))), /^a view made .* of a pixel, which became .*: its normalisation is .*\.$/u],
    ['a shuffled test', withTest(() => ({})), /^batch 0 of the test split differs between two seeds: do not shuffle or augment it\.$/u],
    ['a test that changes', withTest((loader) => ({ at: (position, _, views) => loader.at(position, [0, 1], views) })), /^batch 0 of the test split differs between two epochs: do not shuffle or augment it\.$/u],
  ])('%s', async (_, data, sentence) => {
    expect(await failures(data)).toContainEqual(expect.stringMatching(sentence));
  });

  it('keys that do not change with the position', async () => {
    const data = withTrain((loader) => ({
      at: async (position, key, views) => {
        const [batch] = await loader.at(position, key, [undefined]);
        return batch === undefined ? [] : views.map((view) => view?.apply(batch, key) ?? batch);
      },
    }));
    expect(await failures(data)).toEqual(['a view got one key at positions 0 and 1: fold the position into it.']);
  });

  it('pixels beyond the unit range, unless they are declared', async () => {
    expect(await failures(sound, {})).toEqual([expect.stringMatching(/^a pixel is .* without its normalisation: views see numbers from 0 to 1, or say unitRange: false\.$/u)]);
  });
});
