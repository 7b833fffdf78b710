import { KEYED_UNIFORM, batchNormTraining, bits, fold, key, logSoftmax, normal, sizeOf, uniform } from '@codistill/core';
import { describeOnNative } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { installNativeKernels } from './native-kernels.ts';
import { native } from '../native.ts';
import { loadTfjsNode } from '../session/load-tfjs-node.ts';

const random = (name: string, shape: readonly number[], shift = 0): tf.Tensor =>
  tf.tensor(normal(fold(key(11), name), sizeOf(shape)).map((value) => value + shift), [...shape]);

/** Value and gradients of `f`, weighted by fixed noise so that every output element counts. */
const onBackend = async (backend: string, shapes: readonly (readonly number[])[], f: (...inputs: tf.Tensor[]) => tf.Tensor, shift = 0): Promise<readonly Float32Array[]> => {
  await tf.setBackend(backend);
  return tf.tidy(() => {
    const inputs = shapes.map((shape, index) => random(`input ${index}`, shape, shift));
    const value = f(...inputs);
    const weights = random('weights', value.shape);
    const gradients = tf.grads((...at: tf.Tensor[]) => f(...at).mul(weights).sum())(inputs);
    return [value, ...gradients].map((tensor) => tensor.dataSync() as Float32Array);
  });
};

const expectEqual = (actual: readonly Float32Array[], expected: readonly Float32Array[], tolerance = 1e-5): void => {
  expect(actual.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  expected.forEach((wanted, which) => {
    const norm = Math.hypot(...wanted);
    const gap = Math.hypot(...wanted.map((value, at) => value - (actual[which]?.[at] ?? NaN)));
    expect(gap).toBeLessThanOrEqual(tolerance * Math.max(norm, 1e-3));
  });
};

const sizes = (purpose: string, round: number, below: readonly number[]): readonly number[] =>
  below.map((limit, index) => 1 + ((bits(fold(key(5), purpose, round), below.length)[index] ?? 0) % limit));

describeOnNative('native kernels', [loadTfjsNode], () => {
  beforeAll(async () => {
    await native().start({});
    installNativeKernels();
  });

  it.each([
    ['relu', (x: tf.Tensor) => tf.relu(x)],
    ['relu6', (x: tf.Tensor) => tf.relu6(x.mul(4))],
    ['sigmoid', (x: tf.Tensor) => tf.sigmoid(x)],
    ['tanh', (x: tf.Tensor) => tf.tanh(x)],
    ['softplus', (x: tf.Tensor) => tf.softplus(x)],
    ['clipping', (x: tf.Tensor) => tf.clipByValue(x, -0.5, 1).mul(x)],
    ['log-softmax', (x: tf.Tensor) => logSoftmax(x.mul(30))],
    ['a sum over all axes but the last', (x: tf.Tensor) => {
      const wide = tf.tile(x, [...x.shape.slice(1).map(() => 1), 16]);
      const axes = x.shape.slice(1).map((_, axis) => axis);
      return tf.concat([wide.square().sum(axes), wide.sum(axes, true).squeeze(axes)]);
    }],
    ['a new axis', (x: tf.Tensor) => x.expandDims(1).sub(x.expandDims(-1).mean(-1).expandDims(1)).add(x.square().expandDims(1)).squeeze([1])],
  ] as const)('%s has the gradient tfjs composes, and the gradient of that', async (name, f) => {
    for (let round = 0; round < 8; round++) {
      const shape = sizes('activation', round, [5, 7, 3, 9]);
      expectEqual(await onBackend('tensorflow', [shape], f), await onBackend('cpu', [shape], f));
    }
    // tfjs has no gradient of the gradient of these.
    if (name === 'relu6' || name === 'clipping') return;
    const slope = (x: tf.Tensor): tf.Tensor => tf.grad((at: tf.Tensor) => f(at).square())(x);
    expectEqual(await onBackend('tensorflow', [[3, 5]], slope), await onBackend('cpu', [[3, 5]], slope));
  });

  it.each([0, 100])('batch norm of data about %i has the values and gradients of the portable form', async (shift) => {
    for (let round = 0; round < 8; round++) {
      const [batch = 1, height = 1, width = 1, channels = 1] = sizes('batch norm', round, [6, 7, 5, 9]);
      const shape = round % 2 === 0 ? [batch + 1, height, width, channels] : [batch + 8, channels];
      const f = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor => batchNormTraining(x, gamma as tf.Tensor1D, beta as tf.Tensor1D, 1e-3).y;
      const shapes = [shape, [channels], [channels]];
      // A mean of 100 leaves five digits of float32 to what is about it.
      expectEqual(await onBackend('tensorflow', shapes, f, shift), await onBackend('cpu', shapes, f, shift), shift === 0 ? 1e-5 : 1e-3);
      const statistics = (x: tf.Tensor): tf.Tensor => {
        const { mean, variance } = batchNormTraining(x, tf.ones([channels]), tf.zeros([channels]), 1e-3);
        return tf.concat([mean, variance]);
      };
      const at = async (backend: string): Promise<readonly Float32Array[]> => {
        await tf.setBackend(backend);
        return tf.tidy(() => [statistics(random('x', shape, shift)).dataSync() as Float32Array]);
      };
      expectEqual(await at('tensorflow'), await at('cpu'), 1e-4);
    }
  });

  it('keyed uniform numbers are those of core, to the bit, of any size', async () => {
    await tf.setBackend('tensorflow');
    for (const [shape, stream] of [[[1], 0], [[3, 5], 2], [[64, 17], 4_000_000_000], [[0], 1], [[2, 2, 2], 7]] as const) {
      const words = tf.tensor1d([-5, 7], 'int32');
      const drawn = tf.engine().runKernel<tf.Tensor>(KEYED_UNIFORM, { key: words }, { shape: [...shape], stream });
      expect(drawn.shape).toEqual(shape);
      expect(drawn.dataSync()).toEqual(uniform([0xfffffffb, 7], sizeOf(shape), stream));
      tf.dispose([words, drawn]);
    }
  });

  it.each([
    ['max pooling', (x: tf.Tensor, filter: number, stride: number, pad: number) => tf.maxPool(x as tf.Tensor4D, filter, stride, pad)],
    ['average pooling', (x: tf.Tensor, filter: number, stride: number, pad: number) => tf.avgPool(x as tf.Tensor4D, filter, stride, pad)],
  ] as const)('%s with padding in numbers', async (name, pool) => {
    for (const [filter, stride, pad] of [[3, 1, 1], [3, 2, 1], [2, 1, 1], [3, 1, 0], [5, 2, 2]] as const) {
      const f = (x: tf.Tensor): tf.Tensor => pool(x, filter, stride, pad);
      const shape = [2, 7, 7, 3];
      const actual = await onBackend('tensorflow', [shape], f);
      const expected = await onBackend('cpu', [shape], f);
      // tfjs's cpu divides gradients of averages by the whole window, so that one is compared by finite differences below.
      if (name === 'max pooling') expectEqual(actual, expected);
      else expectEqual(actual.slice(0, 1), expected.slice(0, 1));
    }
  });

  it('average pooling with padding in numbers has the gradient of finite differences', async () => {
    await tf.setBackend('tensorflow');
    const loss = (x: tf.Tensor): tf.Scalar => tf.avgPool(x as tf.Tensor4D, 3, 2, 1).mul(random('weights', [1, 3, 3, 1])).sum();
    const values = normal(key(5), 25);
    const at = (changed: Float32Array): number => tf.tidy(() => loss(tf.tensor(changed, [1, 5, 5, 1])).dataSync()[0] ?? NaN);
    const gradient = tf.tidy(() => tf.grad(loss)(tf.tensor(values, [1, 5, 5, 1])).dataSync());
    values.forEach((value, which) => {
      // It is linear, so that a difference is exact however far apart its points are.
      expect(gradient[which]).toBeCloseTo(at(values.with(which, value + 0.5)) - at(values.with(which, value - 0.5)), 4);
    });
  });

  it('pooling whose windows do not fit is refused', async () => {
    await tf.setBackend('tensorflow');
    expect(() => tf.tidy(() => tf.maxPool(tf.ones<tf.Rank.R4>([1, 6, 7, 1]), [3, 2], 1, 1))).toThrow("MaxPool with padding of 1, a 3×2 filter and strides of 1×1 gets a size in tfjs that does not fit its windows");
  });

  it.each([[8, 4, 8, 2], [7, 3, 5, 2], [7, 3, 5, 3], [4, 8, 16, 2]])('strided 1 × 1 convolutions of %i pixels, %i to %i channels, stride %i', async (size, from, to, stride) => {
    const shapes = [[8, size, size, from], [1, 1, from, to]];
    const f = (x: tf.Tensor, kernel: tf.Tensor): tf.Tensor => tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, stride, 'same');
    const expected = await onBackend('cpu', shapes, f);
    const first = await onBackend('tensorflow', shapes, f);
    expectEqual(first, expected);
    for (let round = 0; round < 20; round++) expect(await onBackend('tensorflow', shapes, f)).toEqual(first);
  });

  it('leaves no tensor behind', async () => {
    await tf.setBackend('tensorflow');
    const [x, gamma, beta] = [random('x', [4, 6, 6, 3]), tf.variable(tf.ones([3])), tf.variable(tf.zeros([3]))];
    const before = tf.memory().numTensors;
    for (let step = 0; step < 20; step++) {
      tf.tidy(() => {
        tf.variableGrads(() => {
          const { y } = batchNormTraining(x, gamma as tf.Tensor1D, beta as tf.Tensor1D, 1e-3);
          return tf.maxPool(tf.relu(y) as tf.Tensor4D, 3, 1, 1).mean();
        }, [gamma, beta]);
      });
    }
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([x, gamma, beta]);
  });
});
