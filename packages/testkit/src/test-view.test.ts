import { type Batch, defineView, type Key, uniform, type View } from '@codistill/core';
import { testView, viewLaws, type ViewLawOptions } from './test-view.ts';

const pixels = (batch: Batch, change: (pixel: number, at: number) => number): Batch => ({ ...batch, input: { ...batch.input, values: batch.input.values.map(change) } });

/** Darkens by a share that it draws. */
const darker = (most: number): View => defineView({ package: '@acme/views', name: 'darker', options: { most } }, (batch, key) => pixels(batch, (pixel) => pixel * (1 - most * (uniform(key, 1)[0] ?? 0))));

testView(darker(0.5), { rebuild: ({ options }) => Promise.resolve(darker(Number(options['most']))) });
testView(defineView({ name: 'same' }, (batch) => batch), { random: false });

const view = (apply: (batch: Batch, key: Key) => Batch): View => defineView({ name: 'mine' }, apply);

const failures = async (part: View, options: ViewLawOptions = { random: false }): Promise<string[]> => {
  const sentences: string[] = [];
  for (const { check } of viewLaws(part, options)) {
    try {
      await check();
    } catch (error) {
      sentences.push((error as Error).message);
    }
  }
  return sentences;
};

let calls = 0;

describe('a law that fails says so in a sentence', () => {
  it.each<[string, View, string]>([
    ['fewer examples', view((batch) => ({ ...batch, ids: batch.ids.subarray(1) })), "view 'mine' made 4 examples of 5: return as many as came in."],
    ['no labels', view((batch) => ({ ...batch, labels: {} })), "view 'mine' left out labels.class: return everything that came in."],
    [
      'another shape',
      view((batch) => ({ ...batch, input: { shape: [batch.ids.length, 1], values: new Float32Array(batch.ids.length) } })),
      "view 'mine' made input of shape [5, 1] (5 numbers) of [5, 8, 8, 3]: keep the shape.",
    ],
    ['beyond white', view((batch) => pixels(batch, () => 1.5)), "view 'mine' made a pixel 1.5: the input must stay in [0, 1], clip it."],
    ['NaN on black', view((batch) => pixels(batch, (pixel) => Math.min(1, Math.max(0, pixel / pixel)))), "view 'mine' made a pixel NaN: the input must stay in [0, 1], clip it."],
    [
      'halved labels',
      view((batch) => ({ ...batch, labels: { class: { shape: [batch.ids.length, 3], values: (batch.labels['class']?.values ?? new Float32Array(0)).map((share) => share / 2) } } })),
      "view 'mine' made the label row [0.5, 0, 0]: a row is a distribution, its sum 1.",
    ],
    ['a memory', view((batch) => pixels(batch, (pixel) => (pixel + (calls++ % 7)) / 8)), "view 'mine' made two pictures of one batch with one key: draw from the key only, and keep nothing from call to call."],
    [
      'writing in place',
      view((batch) => {
        batch.input.values.fill(0.25);
        return batch;
      }),
      "view 'mine' changed the batch it was given, which other nodes see as well: write into new arrays.",
    ],
    ['an option that JSON cannot hold', defineView({ name: 'mine', options: { most: Number.NaN } }, (batch) => batch), "view 'mine' has an option 'most' that JSON cannot hold: use numbers, texts, lists and parts."],
  ])('%s', async (_, part, sentence) => {
    expect(await failures(part)).toContain(sentence);
  });

  it('a key that it does not use', async () => {
    expect(await failures(view((batch) => batch), {})).toEqual(["view 'mine' made the same of 12 keys: draw from the key, or say random: false."]);
  });

  it('a description that says too little', async () => {
    expect(await failures(darker(0.5), { rebuild: () => Promise.resolve(undefined) })).toEqual([
      "view 'darker' cannot be made of its description: export it from '@acme/views' as 'darker', taking its options.",
    ]);
    expect(await failures(darker(0.5), { rebuild: () => Promise.resolve(darker(0.25)) })).toEqual([
      "view 'darker' does something else when made of its description darker(most=0.5): put every option that matters into it.",
    ]);
  });
});
