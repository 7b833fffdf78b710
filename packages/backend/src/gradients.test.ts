import { bits, fold, key, normal, sizeOf } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { chooseBackend } from './choose-backend.ts';

const random = (name: string, shape: readonly number[]): tf.Tensor => tf.tensor(normal(fold(key(11), name), sizeOf(shape)), [...shape]);
const pick = <T>(values: readonly T[], word: number | undefined): T => values[(word ?? 0) % values.length] as T;

/** Value and gradients of `f` at fresh inputs, weighted by fixed noise so that every output element counts. */
const onBackend = async (backend: string, shapes: readonly (readonly number[])[], f: (...inputs: tf.Tensor[]) => tf.Tensor): Promise<readonly Float32Array[]> => {
  await chooseBackend({ prefer: backend });
  return tf.tidy(() => {
    const inputs = shapes.map((shape, index) => random(`input ${index}`, shape));
    const value = f(...inputs);
    const weights = random('weights', value.shape);
    const gradients = tf.grads((...at: tf.Tensor[]) => f(...at).mul(weights).sum())(inputs);
    return [value, ...gradients].map((tensor) => tensor.dataSync() as Float32Array);
  });
};

const expectEqual = (actual: readonly Float32Array[], expected: readonly Float32Array[]): void => {
  expected.forEach((wanted, which) => {
    const norm = Math.hypot(...wanted);
    const gap = Math.hypot(...wanted.map((value, at) => value - (actual[which]?.[at] ?? NaN)));
    expect(gap).toBeLessThanOrEqual(1e-5 * Math.max(norm, 1e-3));
  });
};

describe('wasm equals cpu, values and gradients', () => {
  it.each(Array.from({ length: 40 }, (_, index) => index))('convolution %i', async (index) => {
    const [h, w, a, b, kh, kw, s, p] = bits(fold(key(3), index), 8);
    const [height, width] = [3 + ((h ?? 0) % 7), 3 + ((w ?? 0) % 7)];
    const filter = [pick([1, 2, 3], kh), pick([1, 2, 3], kw)] as const;
    const [stride, pad] = [pick([1, 2, 3], s), pick(['same', 'valid'] as const, p)];
    const shapes = [[2, height, width, pick([1, 2, 5], a)], [...filter, pick([1, 2, 5], a), pick([1, 3, 4], b)]];
    const f = (x: tf.Tensor, kernel: tf.Tensor): tf.Tensor => tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, stride, pad);
    expectEqual(await onBackend('wasm', shapes, f), await onBackend('cpu', shapes, f));
  });

  it.each(Array.from({ length: 24 }, (_, index) => index))('depthwise convolution %i', async (index) => {
    const [h, w, c, m, k, s, p] = bits(fold(key(4), index), 7);
    const shapes = [[2, 3 + ((h ?? 0) % 6), 3 + ((w ?? 0) % 6), pick([1, 3, 4], c)], [pick([1, 2, 3], k), pick([1, 2, 3], k), pick([1, 3, 4], c), pick([1, 2], m)]];
    const [stride, pad] = [pick([1, 2], s), pick(['same', 'valid'] as const, p)];
    const f = (x: tf.Tensor, kernel: tf.Tensor): tf.Tensor => tf.depthwiseConv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, stride, pad);
    expectEqual(await onBackend('wasm', shapes, f), await onBackend('cpu', shapes, f));
  });

  it.each([
    ['max pooling', (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, 2, 2, 'same')],
    ['max pooling, overlapping', (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, 3, 1, 'same')],
    ['average pooling, same', (x: tf.Tensor) => tf.avgPool(x as tf.Tensor4D, 3, 2, 'same')],
    ['average pooling, valid', (x: tf.Tensor) => tf.avgPool(x as tf.Tensor4D, 2, 2, 'valid')],
    ['a sum over all axes but the last', (x: tf.Tensor) => tf.sum(x, [0, 1, 2])],
    ['a mean over all axes but the last, kept', (x: tf.Tensor) => tf.mean(x, [0, 1, 2], true)],
    ['a mean over an axis in between', (x: tf.Tensor) => tf.mean(x, [1])],
    ['ReLU6', (x: tf.Tensor) => tf.clipByValue(x.mul(4), 0, 6)],
    ['the larger of two', (x: tf.Tensor) => tf.maximum(x, x.reverse(1))],
    ['gather', (x: tf.Tensor) => tf.gather(x, tf.tensor1d([1, 0, 1, 1], 'int32'))],
  ])('%s', async (_, f) => {
    expectEqual(await onBackend('wasm', [[2, 7, 5, 3]], f), await onBackend('cpu', [[2, 7, 5, 3]], f));
  });

  it.each([
    ['none', [0, 0], [0, 0]],
    ['uneven', [1, 0], [0, 2]],
    ['wide', [2, 2], [2, 2]],
  ] as const)('convolution with padding per side, %s', async (_, rows, columns) => {
    const shapes = [[2, 6, 5, 3], [3, 3, 3, 4]];
    const f = (x: tf.Tensor, kernel: tf.Tensor): tf.Tensor => tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, 1, [[0, 0], [...rows], [...columns], [0, 0]]);
    expectEqual(await onBackend('wasm', shapes, f), await onBackend('cpu', shapes, f));
  });

  it.each([
    ['product', tf.mul],
    ['sum', tf.add],
    ['difference', tf.sub],
  ])('%s of a large map and a number per channel', async (_, f) => {
    const shapes = [[4, 32, 32, 8], [8]];
    expectEqual(await onBackend('wasm', shapes, f), await onBackend('cpu', shapes, f));
  });
});

const FINITE: readonly (readonly [string, (x: tf.Tensor4D) => tf.Tensor])[] = [
  ["'same' average pooling", (x) => tf.avgPool(x, 3, 2, 'same')],
  ['nearest resizing up', (x) => tf.image.resizeNearestNeighbor(x, [8, 7])],
  ['nearest resizing down, corners aligned', (x) => tf.image.resizeNearestNeighbor(x, [3, 2], true)],
  ['nearest resizing by half pixels', (x) => tf.image.resizeNearestNeighbor(x, [7, 9], false, true)],
  ['bilinear resizing up', (x) => tf.image.resizeBilinear(x, [8, 7])],
  ['bilinear resizing down, corners aligned', (x) => tf.image.resizeBilinear(x, [3, 2], true)],
  ['bilinear resizing by half pixels', (x) => tf.image.resizeBilinear(x, [7, 9], false, true)],
];

/** These are linear, so that a difference quotient is exact however far apart its points are. */
describe.each(['cpu', 'wasm'])('gradients on %s equal finite differences', (backend) => {
  it.each(FINITE)('%s', async (_, f) => {
    await chooseBackend({ prefer: backend });
    const shape: [number, number, number, number] = [2, 5, 4, 2];
    const x = normal(key(5), sizeOf(shape));
    const weighted = (at: tf.Tensor): tf.Scalar => f(at as tf.Tensor4D).mul(random('weights', f(at as tf.Tensor4D).shape)).sum();
    const loss = (values: Float32Array): number => tf.tidy(() => weighted(tf.tensor4d(values, shape)).dataSync()[0] ?? NaN);
    const gradient = tf.tidy(() => tf.grad(weighted)(tf.tensor4d(x, shape)).dataSync());
    for (let at = 0; at < x.length; at++) {
      const [up, down] = [Float32Array.from(x), Float32Array.from(x)];
      up[at] = (up[at] ?? 0) + 0.5;
      down[at] = (down[at] ?? 0) - 0.5;
      expect(gradient[at]).toBeCloseTo(loss(up) - loss(down), 3);
    }
  });
});
