import * as tf from '@tensorflow/tfjs';
import { detach } from './detach.ts';

let before = 0;
beforeAll(async () => {
  tf.env().set('IS_TEST', true);
  await tf.setBackend('cpu');
  before = tf.memory().numTensors;
});
afterAll(() => {
  expect(tf.memory().numTensors).toBe(before);
});

const valuesOf = (body: () => tf.Tensor): number[] => tf.tidy(() => [...body().dataSync()]);

describe('detach', () => {
  it('gives the same numbers, shape and type, in a tensor of its own', () => {
    const x = tf.tensor2d([[1, -2], [0, 1e30]]);
    const y = detach(x);
    expect([...y.dataSync()]).toEqual([...x.dataSync()]);
    expect([y.shape, y.dtype]).toEqual([x.shape, x.dtype]);
    y.dispose();
    expect(x.isDisposed).toBe(false);
    x.dispose();
  });

  it('lets no gradient through, exactly, while the rest of the formula keeps its own', () => {
    const at3 = (f: (x: tf.Tensor) => tf.Tensor): number[] => valuesOf(() => tf.grad(f)(tf.tensor1d([3, -2])));
    expect(at3((x) => detach(x).square().sum())).toEqual([0, 0]);
    expect(at3((x) => detach(x).mul(x).sum())).toEqual([3, -2]);
    expect(at3((x) => detach(x.square()).mul(x).sum())).toEqual([9, 4]);
    expect(at3((x) => x.mul(1e30).sub(detach(x.mul(1e30))).sum())).toEqual([Math.fround(1e30), Math.fround(1e30)]);
  });

  it('leaves a variable that is reached through it alone with a gradient of exactly 0', () => {
    const [teacher, student] = tf.tidy(() => [tf.variable(tf.tensor1d([2, 5])), tf.variable(tf.tensor1d([1, 1]))]);
    const { value, grads } = tf.variableGrads(() => tf.squaredDifference(student, detach(teacher.mul(3))).sum(), [teacher, student]);
    expect([...(grads[teacher.name]?.dataSync() ?? [])]).toEqual([0, 0]);
    expect([...(grads[student.name]?.dataSync() ?? [])]).toEqual([-10, -28]);
    tf.dispose([value, grads]);
    teacher.dispose();
    student.dispose();
  });

  it('keeps nothing but its result', () => {
    const x = tf.tensor1d([1, 2, 3]);
    const held = tf.memory().numTensors;
    const y = detach(x);
    expect(tf.memory().numTensors).toBe(held + 1);
    tf.dispose([x, y]);
  });
});
