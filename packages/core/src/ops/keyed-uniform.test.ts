import * as tf from '@tensorflow/tfjs';
import { type Key, threefry } from '../key.ts';
import { KEYED_UNIFORM, keyedUniform } from './keyed-uniform.ts';

const draw = (key: Key, size: number, stream = 0): Float32Array =>
  tf.tidy(() => keyedUniform(tf.tensor1d([key[0] | 0, key[1] | 0], 'int32'), [size], stream).dataSync<'float32'>().slice());

/** Correlation of two uniform samples, in standard deviations of that of independent ones. */
const correlation = (a: Float32Array, b: Float32Array): number => {
  const size = Math.min(a.length, b.length);
  let sum = 0;
  for (let index = 0; index < size; index++) sum += ((a[index] ?? 0) - 0.5) * ((b[index] ?? 0) - 0.5);
  return Math.abs((sum / size) * 12 * Math.sqrt(size));
};

/** χ² of the counts in equal bins, in standard deviations from its expectation. */
const unevenness = (values: Float32Array, bins = 256): number => {
  const counts = new Float64Array(bins);
  for (const value of values) counts[Math.floor(value * bins)] = (counts[Math.floor(value * bins)] ?? 0) + 1;
  const expected = values.length / bins;
  const χ2 = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return Math.abs(χ2 - (bins - 1)) / Math.sqrt(2 * (bins - 1));
};

/** What chance alone exceeds once in fifteen thousand times. */
const FOUR_SIGMA = 4;

/** The generator in integers. */
const reference = (key: Key, size: number, stream: number): Float32Array => {
  const mod = (x: number): number => ((x % 4096) + 4096) % 4096;
  const words = key.map((word) => {
    const high = Math.floor(Math.fround(word | 0) / 65536);
    return { high, low: (word | 0) - high * 65536 };
  });
  const limbs = [
    ...words.map(({ low }) => low),
    ...words.map(({ high }) => high),
    ...words.map(({ high, low }) => Math.floor(low / 4096) + 64 * Math.floor(high / 4096)),
  ];
  const roundKeys = Array.from({ length: 12 }, (_, round) => mod((limbs[round % 6] ?? 0) + (threefry([0, 0], [stream, round])[0] >>> 20)));
  return Float32Array.from({ length: size }, (_, index) => {
    let [left, right] = [Math.floor(index / 4096), index % 4096];
    for (const roundKey of roundKeys) {
      const half = mod(right + roundKey);
      [left, right] = [right, mod(left + Math.floor((half * (half + 1)) / 64))];
    }
    return (left * 4096 + right) / 2 ** 24;
  });
};

describe('keyedUniform, in portable form', () => {
  let before = 0;
  beforeAll(async () => {
    tf.env().set('IS_TEST', true);
    await tf.setBackend('cpu');
    expect(tf.getKernel(KEYED_UNIFORM, 'cpu')).toBeUndefined();
    before = tf.memory().numTensors;
  });
  afterAll(() => {
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each<Key>([[0, 0], [0, 1], [0x7fffffff, 0x80000000], [0xffffffff, 0xffffffc0], [0x6b200159, 0x99ba4efe]])(
    'is exact in float32: the same in integers, to the bit, for the key %i, %i',
    (...key) => {
      expect(draw(key, 6000, 3)).toEqual(reference(key, 6000, 3));
    },
  );

  it('fills [0, 1) evenly, and its neighbours and rows are independent', () => {
    const values = draw([0, 7], 16_384);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(unevenness(values)).toBeLessThan(FOUR_SIGMA);
    for (const lag of [1, 2, 28, 784, 4096]) expect(correlation(values.subarray(lag), values)).toBeLessThan(FOUR_SIGMA);
  });

  it('gives independent numbers for keys that differ in one bit, and for streams', () => {
    const values = draw([5, 7], 16_384);
    const others = [draw([5, 6], 16_384), draw([4, 7], 16_384), draw([5, 7 + 2 ** 31], 16_384), draw([5, 7], 16_384, 1), draw([5, 7], 16_384, 4097)];
    for (const other of others) expect(correlation(values, other)).toBeLessThan(FOUR_SIGMA);
  });

  it('gives independent numbers from step to step where keys count up', () => {
    const steps = Float32Array.from({ length: 512 }, (_, step) => draw([3, step], 1)[0] ?? NaN);
    expect(unevenness(steps, 32)).toBeLessThan(FOUR_SIGMA);
    expect(correlation(steps.subarray(1), steps)).toBeLessThan(FOUR_SIGMA);
  });

  it('gives the same first numbers for any count, and any shape', () => {
    const values = draw([1, 2], 5000);
    expect(draw([1, 2], 10)).toEqual(values.subarray(0, 10));
    const shaped = tf.tidy(() => keyedUniform(tf.tensor1d([1, 2], 'int32'), [2, 5], 0).dataSync<'float32'>().slice());
    expect(shaped).toEqual(values.subarray(0, 10));
  });
});

describe('keyedUniform, where the backend has a kernel', () => {
  it('asks it, with the shape and the stream', () => {
    const asked: unknown[] = [];
    tf.registerKernel({
      kernelName: KEYED_UNIFORM,
      backendName: 'cpu',
      kernelFunc: ({ inputs, attrs }) => {
        asked.push(Object.keys(inputs), attrs);
        return tf.fill((attrs as { shape: number[] }).shape, 0.25);
      },
    });
    try {
      tf.tidy(() => {
        expect([...keyedUniform(tf.tensor1d([1, 2], 'int32'), [2, 2], 9).dataSync()]).toEqual([0.25, 0.25, 0.25, 0.25]);
      });
    } finally {
      tf.unregisterKernel(KEYED_UNIFORM, 'cpu');
    }
    expect(asked).toEqual([['key'], { shape: [2, 2], stream: 9 }]);
  });
});
