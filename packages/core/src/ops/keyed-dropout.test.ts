import * as tf from '@tensorflow/tfjs';
import { keyedDropout } from './keyed-dropout.ts';

const valuesOf = (body: () => tf.Tensor): readonly number[] => tf.tidy(() => [...body().dataSync()]);
const key = (step: number): tf.Tensor1D => tf.tensor1d([11, step], 'int32');

describe('keyedDropout', () => {
  let before = 0;
  beforeAll(async () => {
    tf.env().set('IS_TEST', true);
    await tf.setBackend('cpu');
    before = tf.memory().numTensors;
  });
  afterAll(() => {
    expect(tf.memory().numTensors).toBe(before);
  });

  it('drops its share and scales the rest, so that the mean stays', () => {
    const size = 10_000;
    for (const rate of [0.1, 0.5, 0.9]) {
      const values = valuesOf(() => keyedDropout(tf.ones([size]), rate, key(0), 0));
      expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]));
      const dropped = values.filter((value) => value === 0).length;
      expect(Math.abs(dropped - rate * size)).toBeLessThan(4 * Math.sqrt(size * rate * (1 - rate)));
    }
  });

  it('has one mask per key and per stream', () => {
    const mask = (step: number, stream: number): readonly number[] => valuesOf(() => keyedDropout(tf.ones([20, 20]), 0.5, key(step), stream));
    expect(mask(0, 0)).toEqual(mask(0, 0));
    // Independent masks agree in half of their elements: 200 of 400, give or take 10.
    for (const other of [mask(1, 0), mask(0, 1)]) {
      const agreed = mask(0, 0).filter((value, index) => value === other[index]).length;
      expect(Math.abs(agreed - 200)).toBeLessThan(40);
    }
  });

  it('has the mask as its gradient', () => {
    const [gradient, mask] = [
      valuesOf(() => tf.grad((x: tf.Tensor) => keyedDropout(x, 0.3, key(2), 5).sum())(tf.range(0, 100))),
      valuesOf(() => keyedDropout(tf.ones([100]), 0.3, key(2), 5)),
    ];
    expect(gradient).toEqual(mask);
  });

  it('broadcasts a mask of another shape: whole channels fall', () => {
    const values = valuesOf(() => keyedDropout(tf.ones([1, 3, 64]), 0.5, key(1), 0, [1, 1, 64]));
    expect(values.slice(64, 128)).toEqual(values.slice(0, 64));
    expect(new Set(values).size).toBe(2);
  });

  it('does nothing at rate 0, and gives a tensor of its own', () => {
    const [x, words] = [tf.tensor1d([1, 2]), key(0)];
    keyedDropout(x, 0, words, 0).dispose();
    expect([...x.dataSync()]).toEqual([1, 2]);
    tf.dispose([x, words]);
  });
});
