import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { normal } from '../random.ts';
import { batchNormTraining } from './batch-norm-training.ts';

interface Golden {
  readonly params: { readonly eps: number; readonly momentum: number };
  readonly inputs: { readonly x: number[][][][]; readonly gamma: number[]; readonly beta: number[] };
  readonly output: number[][][][];
  readonly grads: { readonly x: number[][][][]; readonly gamma: number[]; readonly beta: number[] };
  readonly state: { readonly running_mean: number[]; readonly running_var_biased: number[] };
}
const golden = JSON.parse(readFileSync(new URL('./batch-norm-training.golden.json', import.meta.url), 'utf8')) as Golden;

const gap = (actual: tf.Tensor, expected: tf.Tensor): number => tf.tidy(() => tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0] ?? NaN);

/** Keeps the tests' own tensors from counting. */
const scoped = (body: () => void) => (): void => {
  const before = tf.memory().numTensors;
  tf.tidy(body);
  expect(tf.memory().numTensors).toBe(before);
};

beforeAll(async () => {
  tf.env().set('IS_TEST', true);
  await tf.setBackend('cpu');
});

describe('batchNormTraining', () => {
  const { params, inputs, output, grads, state } = golden;
  const feed = (): [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D] => [tf.tensor4d(inputs.x), tf.tensor1d(inputs.gamma), tf.tensor1d(inputs.beta)];

  it(
    'normalises as PyTorch does, and gives the biased variance',
    scoped(() => {
      const { y, mean, variance } = batchNormTraining(...feed(), params.eps);
      expect(gap(y, tf.tensor4d(output))).toBeLessThan(1e-5);
      const moved = (from: number, to: tf.Tensor): tf.Tensor => tf.add(tf.mul(to, 1 - params.momentum), from * params.momentum);
      expect(gap(moved(0, mean), tf.tensor1d(state.running_mean))).toBeLessThan(1e-6);
      expect(gap(moved(1, variance), tf.tensor1d(state.running_var_biased))).toBeLessThan(1e-6);
    }),
  );

  it(
    'has the gradient of PyTorch',
    scoped(() => {
      const loss = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor =>
        tf.mean(tf.square(batchNormTraining(x, gamma as tf.Tensor1D, beta as tf.Tensor1D, params.eps).y));
      const [dx, dγ, dβ] = tf.grads(loss)(feed()) as [tf.Tensor, tf.Tensor, tf.Tensor];
      expect(gap(dx, tf.tensor4d(grads.x))).toBeLessThan(1e-7);
      expect(gap(dγ, tf.tensor1d(grads.gamma))).toBeLessThan(1e-6);
      expect(gap(dβ, tf.tensor1d(grads.beta))).toBeLessThan(1e-6);
    }),
  );

  it.each([
    ['a matrix', [16, 3]],
    ['maps', [4, 3, 3, 3]],
    ['volumes', [2, 3, 2, 2, 3]],
  ])('has the gradient that tfjs derives from the formula, for %s', (_, shape) => {
    scoped(() => {
      const of = (seed: number, like: readonly number[]): tf.Tensor => tf.tensor(normal([9, seed], like.reduce((a, b) => a * b, 1)), [...like]);
      const [x, gamma, beta, weight] = [of(1, shape), of(2, [3]), of(3, [3]), of(4, shape)];
      const axes = shape.slice(0, -1).map((__, axis) => axis);
      const formula = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor => {
        const centred = tf.sub(x, tf.mean(x, axes, true));
        const variance = tf.mean(tf.square(centred), axes, true);
        return tf.sum(tf.mul(tf.add(tf.mul(tf.div(centred, tf.sqrt(tf.add(variance, 1e-3))), gamma), beta), weight));
      };
      const ours = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor =>
        tf.sum(tf.mul(batchNormTraining(x, gamma as tf.Tensor1D, beta as tf.Tensor1D, 1e-3).y, weight));
      const expected = tf.grads(formula)([x, gamma, beta]);
      tf.grads(ours)([x, gamma, beta]).forEach((gradient, index) => {
        expect(gap(gradient, expected[index] as tf.Tensor)).toBeLessThan(2e-5);
      });
    })();
  });

  it(
    'keeps its digits where the mean is a thousand times the deviation',
    scoped(() => {
      const noise = Float32Array.from(normal([1, 2], 512), (z) => 1000 + z);
      const centre = noise.reduce((sum, value) => sum + value, 0) / 512;
      const deviation = Math.sqrt(noise.reduce((sum, value) => sum + (value - centre) ** 2, 0) / 512);
      const dy = normal([3, 4], 512);
      const meanOf = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
      const hat = Array.from(noise, (value) => (value - centre) / deviation);
      const expected = hat.map((h, index) => ((dy[index] ?? 0) - meanOf(dy) - h * meanOf(hat.map((g, at) => g * (dy[at] ?? 0)))) / deviation);
      const dx = tf.grad((x: tf.Tensor) => tf.sum(tf.mul(batchNormTraining(x, tf.ones([1]), tf.zeros([1]), 0).y, tf.tensor2d(dy, [512, 1]))));
      expect(gap(dx(tf.tensor2d(noise, [512, 1])), tf.tensor2d(expected, [512, 1]))).toBeLessThan(2e-4);
    }),
  );
});
