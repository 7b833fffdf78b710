import * as tf from '@tensorflow/tfjs';
import { freeTapeOnThrow } from './free-tape-on-throw.ts';

beforeAll(async () => {
  tf.env().set('IS_TEST', true);
  await tf.setBackend('cpu');
});

const failing = (): tf.Tensor => {
  throw new Error('out of ideas');
};
/** Its value is there, its gradient throws: on the way back. */
const noWayBack = (x: tf.Tensor): tf.Tensor => tf.customGrad((input) => ({ value: (input as tf.Tensor).clone(), gradFunc: failing }))(x);

describe('freeTapeOnThrow', () => {
  it('hands on what is computed', () => {
    const gradient = tf.tidy(() => [...freeTapeOnThrow(() => tf.grad((x: tf.Tensor) => x.square().sum())(tf.tensor1d([3]))).dataSync()]);
    expect(gradient).toEqual([6]);
  });

  it.each([
    ['the function', (x: tf.Tensor) => x.square().mul(x).exp().add(failing()).sum()],
    ['a gradient', (x: tf.Tensor) => noWayBack(x.square()).mul(x).exp().sum()],
  ])('leaves no tensor behind where %s throws', (_, loss) => {
    const x = tf.tensor1d([3, -2]);
    const before = tf.memory().numTensors;
    for (let again = 0; again < 3; again++) expect(() => tf.tidy(() => freeTapeOnThrow(() => tf.grad(loss)(x)))).toThrow('out of ideas');
    expect(tf.memory().numTensors).toBe(before);
    x.dispose();
  });

  it('leaves the tape of a gradient around it alone', () => {
    const x = tf.tensor1d([3]);
    const before = tf.memory().numTensors;
    const around = (y: tf.Tensor): tf.Tensor => {
      const squared = y.square();
      expect(() => freeTapeOnThrow(() => tf.grad((z: tf.Tensor) => z.exp().add(failing()).sum())(y))).toThrow('out of ideas');
      return squared.sum();
    };
    expect(tf.tidy(() => [...tf.grad(around)(x).dataSync()])).toEqual([6]);
    expect(tf.memory().numTensors).toBe(before);
    x.dispose();
  });
});
