import { type Batch, type View, describe as describePart, defineView, normal } from '@codistill/core';
import { augment } from './augment.ts';
import { betaSample } from './beta-sample.ts';
import { colour } from './colour.ts';
import { crop } from './crop.ts';
import { cutout } from './cutout.ts';
import { flip } from './flip.ts';
import { mixup } from './mixup.ts';
import { original } from './original.ts';
import { rebuildView } from './rebuild-view.ts';
import { rotate } from './rotate.ts';

const batchOf = (height: number, width: number, channels: number, count = 5): Batch => ({
  ids: Int32Array.from({ length: count }, (_, id) => id),
  input: { shape: [count, height, width, channels], values: normal([1, 2], count * height * width * channels).map((z) => 1 / (1 + Math.exp(-z))) },
  labels: { class: { shape: [count, 2], values: Float32Array.from({ length: 2 * count }, (_, at) => Number(at % 2 === Math.floor(at / 2) % 2)) } },
});

const views: readonly (readonly [string, View])[] = [
  ['flip', flip({ vertical: true })],
  ['crop', crop({ padding: 2 })],
  ['crop, reflected', crop({ padding: 9, mode: 'reflect' })],
  ['rotate by quarters', rotate({ quarterTurns: true })],
  ['rotate by degrees', rotate({ degrees: 40 })],
  ['colour', colour({ brightness: 0.5, contrast: 0.5, saturation: 0.5 })],
  ['cutout', cutout({ size: 3 })],
  ['mixup', mixup({ alpha: 0.4 })],
  ['augment', augment(flip(), crop({ padding: 1 }), colour({ brightness: 0.2 }))],
];

describe.each(views)('%s', (_, view) => {
  it.each([
    [6, 6, 3],
    [5, 7, 1],
    [1, 1, 3],
  ])('keeps the size, the range and the labels of %i × %i × %i, and what it was given', (height, width, channels) => {
    const batch = batchOf(height, width, channels);
    const before = Float32Array.from(batch.input.values);
    for (let seed = 0; seed < 20; seed++) {
      const seen = view.apply(batch, [3, seed]);
      expect(seen.input.shape).toEqual(batch.input.shape);
      expect(seen.input.values.every((value) => value >= 0 && value <= 1)).toBe(true);
      const rows = seen.labels['class']?.values ?? [];
      for (let row = 0; row < 5; row++) expect((rows[2 * row] ?? 0) + (rows[2 * row + 1] ?? 0)).toBeCloseTo(1, 5);
    }
    expect(batch.input.values).toEqual(before);
  });

  it('gives the same bytes for the same key, and others for another', () => {
    const batch = batchOf(6, 6, 3);
    expect(view.apply(batch, [3, 4]).input.values).toEqual(view.apply(batch, [3, 4]).input.values);
    const seen = new Set(Array.from({ length: 8 }, (_, seed) => view.apply(batch, [3, seed]).input.values.join()));
    expect(seen.size).toBeGreaterThan(4);
  });

  it('describes itself so that another thread can make it', async () => {
    const part = describePart(view);
    expect(JSON.parse(JSON.stringify(part))).toEqual(part);
    const rebuilt = await rebuildView(part);
    const batch = batchOf(6, 6, 3);
    expect(rebuilt?.apply(batch, [3, 4]).input.values).toEqual(view.apply(batch, [3, 4]).input.values);
  });
});

describe('geometry', () => {
  const one = (values: readonly number[], size: number): Batch => ({ ...batchOf(1, 1, 1, 1), input: { shape: [1, size, size, 1], values: Float32Array.from(values) } });
  const outcomes = (view: View, batch: Batch): ReadonlySet<string> => new Set(Array.from({ length: 200 }, (_, seed) => view.apply(batch, [0, seed]).input.values.join()));

  it('turns by quarters: exactly four pictures', () => {
    expect(outcomes(rotate({ quarterTurns: true }), one([0, 0.25, 0.5, 0.75], 2))).toEqual(
      new Set(['0,0.25,0.5,0.75', '0.25,0.75,0,0.5', '0.75,0.5,0.25,0', '0.5,0,0.75,0.25']),
    );
  });

  it('mirrors: four pictures with both axes, two with one', () => {
    expect(outcomes(flip({ vertical: true }), one([0, 0.25, 0.5, 0.75], 2)).size).toBe(4);
    expect(outcomes(flip(), one([0, 0.25, 0.5, 0.75], 2))).toEqual(new Set(['0,0.25,0.5,0.75', '0.25,0,0.75,0.5']));
  });

  it('crops: nine pictures with one pixel of padding', () => {
    expect(outcomes(crop({ padding: 1 }), one([0.125, 0.25, 0.5, 0.75], 2)).size).toBe(9);
  });

  it('crops windows that reach beyond the image or miss it', () => {
    const pixels = [0.125, 0.25, 0.5, 0.75];
    const shifts = Array.from({ length: 49 }, (_, at) => [Math.floor(at / 7) - 3, (at % 7) - 3] as const);
    const windows = shifts.map(([down, right]) =>
      [[0, 0], [0, 1], [1, 0], [1, 1]].map(([y = 0, x = 0]) => {
        const [row, column] = [y + down, x + right];
        return [row, column].every((at) => at === 0 || at === 1) ? pixels[2 * row + column] : 0;
      }).join(),
    );
    expect(outcomes(crop({ padding: 3 }), one(pixels, 2))).toEqual(new Set(windows));
  });

  it('pads with black, or with the mirrored image', () => {
    const white = one(Array<number>(9).fill(1), 3);
    const black = [...outcomes(crop({ padding: 1 }), white)].map((picture) => picture.split(',').filter((value) => value === '0').length);
    expect(new Set(black)).toEqual(new Set([0, 3, 5]));
    expect(outcomes(crop({ padding: 1, mode: 'reflect' }), white).size).toBe(1);
  });

  it('a rotation by no degrees changes nothing', () => {
    const batch = batchOf(6, 6, 3);
    expect(rotate({}).apply(batch, [0, 1]).input.values).toEqual(batch.input.values);
  });

  it('cuts out as many pixels as it says, inside', () => {
    const batch = one(Array<number>(81).fill(1), 9);
    const black = Array.from({ length: 100 }, (_, seed) => cutout({ size: 3 }).apply(batch, [0, seed]).input.values.filter((value) => value === 0).length);
    expect(Math.max(...black)).toBe(9);
  });
});

describe('original', () => {
  it('changes nothing, and is made again in another thread', async () => {
    const batch = batchOf(5, 7, 3);
    expect(original().apply(batch, [3, 4])).toEqual(batch);
    expect((await rebuildView(describePart(original())))?.apply(batch, [3, 4])).toEqual(batch);
  });
});

describe('mixing', () => {
  it('draws shares of the right mean and variance', () => {
    for (const alpha of [0.2, 1, 4]) {
      const draws = Array.from({ length: 2000 }, (_, seed) => betaSample([9, seed], alpha));
      const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
      const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length;
      expect(Math.abs(mean - 0.5)).toBeLessThan(0.03);
      expect(Math.abs(variance - 1 / (4 * (2 * alpha + 1)))).toBeLessThan(0.015);
    }
  });
});

describe('what is refused', () => {
  it.each([
    [() => crop({ padding: 0 }), 'crop needs padding a positive integer, not 0'],
    [() => cutout({ size: 1.5 }), 'cutout needs size a positive integer, not 1.5'],
    [() => rotate({ degrees: 200 }), 'rotate needs degrees from 0 to 180, not 200'],
    [() => colour({ contrast: -1 }), 'colour needs contrast from 0 to 1, not -1'],
    [() => mixup({ alpha: 0 }), 'mixup needs alpha above 0, not 0'],
  ])('%s', (make, sentence) => {
    expect(make).toThrow(sentence);
  });

  it('cannot rebuild a view that is in no package', async () => {
    const local = augment(defineView({ name: 'mine' }, (batch) => batch));
    expect(await rebuildView(describePart(local))).toBeUndefined();
  });
});
