import { KEYED_UNIFORM, batchNormTraining, bits, fold, key, keyedDropout, normal, sizeOf, uniform } from '@codistill/core';
import { chooseBackend, cpu } from '@codistill/backend';
import * as tf from '@tensorflow/tfjs';
import { describeOnWebgpu } from '../describe-on-webgpu.ts';
import { webgpu } from '../webgpu.ts';

const random = (name: string, shape: readonly number[]): tf.Tensor => tf.tensor(normal(fold(key(11), name), sizeOf(shape)), [...shape]);
const pick = <T>(values: readonly T[], word: number | undefined): T => values[(word ?? 0) % values.length] as T;
const use = (name: string): Promise<unknown> => chooseBackend({ prefer: name, candidates: [webgpu({ software: true }), cpu()] });

/** What a function of fresh inputs comes to, and its gradients, weighted by fixed noise so that every element of the result counts. */
const onBackend = async (backend: string, shapes: readonly (readonly number[])[], f: (...inputs: tf.Tensor[]) => tf.Tensor): Promise<readonly Float32Array[]> => {
  await use(backend);
  const results = tf.tidy(() => {
    const inputs = shapes.map((shape, index) => random(`input ${index}`, shape));
    const value = f(...inputs);
    const weights = random('weights', value.shape);
    return [value, ...tf.grads((...at: tf.Tensor[]) => f(...at).mul(weights).sum())(inputs)];
  });
  const values = await Promise.all(results.map(async (tensor) => (await tensor.data()) as Float32Array));
  tf.dispose(results);
  return values;
};

const expectSame = async (shapes: readonly (readonly number[])[], f: (...inputs: tf.Tensor[]) => tf.Tensor): Promise<void> => {
  const expected = await onBackend('cpu', shapes, f);
  const actual = await onBackend('webgpu', shapes, f);
  expected.forEach((wanted, which) => {
    const gap = Math.hypot(...wanted.map((value, at) => value - (actual[which]?.[at] ?? NaN)));
    expect(gap).toBeLessThanOrEqual(1e-5 * Math.max(Math.hypot(...wanted), 1e-3));
  });
};

type Unary = (x: tf.Tensor4D) => tf.Tensor;
const OPS: readonly (readonly [string, Unary])[] = [
  ['max pooling', (x) => tf.maxPool(x, 2, 2, 'same')],
  ['max pooling, overlapping', (x) => tf.maxPool(x, 3, 1, 'same')],
  ['max pooling of negative windows', (x) => tf.maxPool(tf.abs(x).neg(), 2, 2, 'valid')],
  ['average pooling, same', (x) => tf.avgPool(x, 3, 2, 'same')],
  ['average pooling, valid', (x) => tf.avgPool(x, 2, 2, 'valid')],
  ['average pooling, padded by a number', (x) => tf.avgPool(x, 3, 2, 1)],
  ['average pooling, padded per side', (x) => tf.avgPool(x, 3, 2, [[0, 0], [1, 0], [1, 1], [0, 0]] as unknown as number)],
  ['a sum over all axes but the last', (x) => tf.sum(x, [0, 1, 2])],
  ['a mean over all axes but the last, kept', (x) => tf.mean(x, [0, 1, 2], true)],
  ['a mean over an axis in between', (x) => tf.mean(x, [1])],
  ['ReLU6', (x) => tf.clipByValue(x.mul(4), 0, 6)],
  ['the larger of two', (x) => tf.maximum(x, x.reverse(1))],
  ['gather', (x) => tf.gather(x, tf.tensor1d([1, 0, 1, 1], 'int32'))],
  ['gather of rows', (x) => tf.gather(x.reshape([70, 3]), tf.tensor1d([1, 0, 1, 69, 3, 3], 'int32'))],
  ['log-softmax', (x) => tf.logSoftmax(x)],
  ['softplus, sigmoid and tanh', (x) => tf.softplus(x).mul(tf.sigmoid(x)).add(tf.tanh(x))],
  ['nearest resizing up', (x) => tf.image.resizeNearestNeighbor(x, [9, 11])],
  ['nearest resizing down, corners aligned', (x) => tf.image.resizeNearestNeighbor(x, [3, 2], true)],
  ['nearest resizing by half pixels', (x) => tf.image.resizeNearestNeighbor(x, [9, 8], false, true)],
  ['bilinear resizing up', (x) => tf.image.resizeBilinear(x, [9, 11])],
  ['bilinear resizing down, corners aligned', (x) => tf.image.resizeBilinear(x, [3, 2], true)],
  ['bilinear resizing by half pixels', (x) => tf.image.resizeBilinear(x, [9, 8], false, true)],
  ['one-hot', (x) => tf.oneHot(tf.argMax(x, -1).toInt(), 3, 1, 0, 'float32').mul(x)],
  ['norms', (x) => tf.norm(x.reshape([2, 105]), 2, 1)],
  ['slices and padding', (x) => tf.pad(x.slice([0, 1, 1, 0], [2, 4, 3, 3]), [[0, 0], [1, 2], [0, 1], [0, 0]])],
  ['transposed convolution', (x) => tf.conv2dTranspose(x, tf.ones([3, 3, 2, 3]), [2, 14, 10, 2], 2, 'same')],
  ['matmul', (x) => tf.matMul(x.reshape([14, 15]), x.reshape([14, 15]), false, true)],
  ['batched matmul', (x) => tf.matMul(x.reshape([2, 7, 15]), x.reshape([2, 7, 15]), true, false)],
];

await describeOnWebgpu('webgpu equals cpu, values and gradients', () => {
  it.each(Array.from({ length: 24 }, (_, index) => index))('convolution %i', async (index) => {
    const [h, w, a, b, kh, kw, s, p] = bits(fold(key(3), index), 8);
    const shapes = [[2, 3 + ((h ?? 0) % 7), 3 + ((w ?? 0) % 7), pick([1, 2, 5], a)], [pick([1, 2, 3], kh), pick([1, 2, 3], kw), pick([1, 2, 5], a), pick([1, 3, 4], b)]];
    const [stride, pad] = [pick([1, 2, 3], s), pick(['same', 'valid'] as const, p)];
    await expectSame(shapes, (x, kernel) => tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, stride, pad));
  });

  it.each(Array.from({ length: 12 }, (_, index) => index))('depthwise convolution %i', async (index) => {
    const [h, w, c, m, k, s, p] = bits(fold(key(4), index), 7);
    const shapes = [[2, 3 + ((h ?? 0) % 6), 3 + ((w ?? 0) % 6), pick([1, 3, 4], c)], [pick([1, 2, 3], k), pick([1, 2, 3], k), pick([1, 3, 4], c), pick([1, 2], m)]];
    const [stride, pad] = [pick([1, 2], s), pick(['same', 'valid'] as const, p)];
    await expectSame(shapes, (x, kernel) => tf.depthwiseConv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, stride, pad));
  });

  it.each(OPS)('%s', async (_, f) => {
    await expectSame([[2, 7, 5, 3]], (x) => f(x as tf.Tensor4D));
  });

  it('training batch norm', async () => {
    await expectSame([[4, 5, 6, 3], [3], [3]], (x, gamma, beta) => batchNormTraining(x, gamma as tf.Tensor1D, beta as tf.Tensor1D, 1e-3).y);
  });
});

const valuesOf = async (f: () => tf.Tensor): Promise<readonly number[]> => {
  const result = tf.tidy(f);
  const values = await result.data();
  result.dispose();
  return [...values];
};

await describeOnWebgpu('what stock webgpu gets wrong', () => {
  it.each(['int32', 'bool'] as const)('%s as float32, copied', async (dtype) => {
    await use('webgpu');
    const ones = () => tf.tensor2d([[0, 1, 1], [1, 0, 1]], [2, 3], dtype);
    expect(await valuesOf(() => tf.transpose(ones().toFloat()))).toEqual([0, 1, 1, 0, 1, 1]);
    // Once on the device, and once before.
    expect(await valuesOf(() => tf.transpose(tf.concat([ones(), ones()]).toFloat()))).toEqual([0, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1]);
    const host = tf.tidy(() => ones().toFloat());
    expect(host.dataSync()).toEqual(Float32Array.of(0, 1, 1, 1, 0, 1));
    host.dispose();
  });

  const images = (): tf.Tensor4D => random('images', [3, 6, 5, 2]) as tf.Tensor4D;
  const expectAsOnCpu = async (f: () => tf.Tensor): Promise<void> => {
    await use('cpu');
    const expected = await valuesOf(f);
    await use('webgpu');
    const actual = await valuesOf(f);
    expected.forEach((value, at) => expect(actual[at]).toBeCloseTo(value, 5));
    expect(actual).toHaveLength(expected.length);
  };

  it.each<readonly [string, (x: tf.Tensor) => tf.Tensor]>([
    ['a vector added', (x) => tf.add(x, tf.tensor1d([1, 2, 3]))],
    ['compared with a vector', (x) => tf.greater(tf.tensor1d([0, 0.5, -0.5]), x)],
    ['PReLU', (x) => tf.prelu(x, tf.tensor1d([0.1, 0.2, 0.3]))],
    ['padded', (x) => tf.pad(x, [[0, 1], [0, 0], [1, 0], [0, 0], [0, 2]], 7)],
    ['any of the third axis', (x) => tf.any(tf.greater(x, 0.5), 2)],
    ['all of the first axes, kept', (x) => tf.all(tf.greater(x, -0.5), [0, 1], true)],
    ['all of everything', (x) => tf.all(tf.greater(x, -0.5))],
  ])('five axes, %s', async (_, f) => {
    await expectAsOnCpu(() => f(random('volumes', [2, 2, 2, 2, 3])));
  });

  it.each([1, 2, 5])('%i boxes cut out of three images', async (count) => {
    const corners = Array.from({ length: count }, () => [0.1, 0.2, 0.8, 0.9]).flat();
    const images3 = Array.from({ length: count }, (_, box) => 2 - (box % 3));
    await expectAsOnCpu(() => tf.image.cropAndResize(images(), tf.tensor2d(corners, [count, 4]), tf.tensor1d(images3, 'int32'), [4, 3], 'bilinear'));
  });

  it.each([
    ['constant', 3],
    ['reflect', 3],
    ['wrap', 3],
    ['nearest', 3],
    ['constant', 1],
  ] as const)('images turned, filled up by %s, %i transforms', async (fill, count) => {
    const transforms = Array.from({ length: count }, (_, at) => [1, 0.1 * at, -3.3, 0.05, 0.9, 4.4, 0, 0]).flat();
    await expectAsOnCpu(() => tf.image.transform(images(), tf.tensor2d(transforms, [count, 8]), 'bilinear', fill, 0.5));
  });

  it.each([
    ['Conv2D', 'of 1', '3×2', '1×1', (x: tf.Tensor4D) => tf.conv2d(x, tf.ones([3, 2, 1, 1]), 1, 1)],
    ['Conv2D', 'of 0', '3×3', '2×2', (x: tf.Tensor4D) => tf.conv2d(x, tf.ones([3, 3, 1, 1]), 2, 0, 'NHWC', 1, 'ceil')],
    ['DepthwiseConv2dNative', 'of 1', '2×3', '1×1', (x: tf.Tensor4D) => tf.depthwiseConv2d(x, tf.ones([2, 3, 1, 1]), 1, 1)],
    ['MaxPool', 'of 1', '3×2', '1×1', (x: tf.Tensor4D) => tf.maxPool(x, [3, 2], 1, 1)],
    ['AvgPool', 'of 1', '3×2', '1×1', (x: tf.Tensor4D) => tf.avgPool(x, [3, 2], 1, 1)],
  ] as const)('%s, padding %s, filter %s, strides %s is refused', async (op, padding, filter, strides, f) => {
    await use('webgpu');
    expect(() => tf.tidy(() => f(tf.ones([1, 6, 7, 1])))).toThrow(`${op} with padding ${padding}, a ${filter} filter and strides of ${strides} gets a size in tfjs that does not fit its windows`);
  });
});

await describeOnWebgpu('keyed random numbers', () => {
  it.each([
    [[-5, 7], 2, [3, 5]],
    [[0, 0], 0, [1]],
    [[2 ** 31 - 1, -(2 ** 31)], 2 ** 32 - 1, [7, 3, 2, 3]],
    [[1, 2], 3, [2, 2, 2, 2, 2]],
    [[1, 2], 3, []],
    // More groups than one axis of a device holds.
    [[3, 4], 1, [65, 65_536]],
  ] as const)('of the key %j, stream %d, shape %j are those of core, to the bit', async ([high, low], stream, shape) => {
    await use('webgpu');
    const drawn = await valuesOf(() => tf.engine().runKernel<tf.Tensor>(KEYED_UNIFORM, { key: tf.tensor1d([high, low], 'int32') }, { shape: [...shape], stream }));
    const expected = uniform([high >>> 0, low >>> 0], sizeOf(shape), stream);
    expect(drawn).toHaveLength(expected.length);
    expect(drawn.findIndex((value, at) => value !== expected[at])).toBe(-1);
  });

  it('of a key that was computed, and as a mask of dropout', async () => {
    await use('webgpu');
    const dropped = await valuesOf(() => keyedDropout(tf.ones([40, 40]), 0.3, tf.add(tf.tensor1d([1, 2], 'int32'), tf.scalar(1, 'int32')), 5));
    const keep = Math.fround(1 / (1 - 0.3));
    expect(dropped).toEqual([...uniform([2, 3], 1600, 5)].map((value) => (value >= Math.fround(0.3) ? keep : 0)));
  });
});
