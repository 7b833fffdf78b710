import * as tf from '@tensorflow/tfjs';
import { insist } from './law.ts';

interface Hooks {
  beforeAll(body: () => void | Promise<void>): void;
  afterAll(body: () => void): void;
}

/** What `CODISTILL_TEST_BACKEND=native` starts in the place of cpu. Its package has tests that need this one, so it is asked for by name. */
const NATIVE = ['@codistill', 'native'].join('/');

const start = async (backend: string): Promise<void> => {
  if (backend === 'cpu' && process.env['CODISTILL_TEST_BACKEND'] === 'native') {
    const { native } = (await import(NATIVE)) as { native(): { start(options: object): Promise<unknown> } };
    await native().start({});
    // Runners give every file a global object of its own, but an addon makes arrays of the process's, which tfjs does not take for arrays.
    for (const tensor of [tf.scalar(0), tf.scalar(0, 'int32'), tf.scalar(false)]) {
      const array = tf.tidy(() => tf.zerosLike(tensor).dataSync()).constructor;
      Object.assign(globalThis, { [array.name]: array });
      tensor.dispose();
    }
    return;
  }
  insist(await tf.setBackend(backend), () => `tfjs has no backend '${backend}' that starts here: import its package first, or use 'cpu'.`);
};

/**
 * Runs all tests of a file on one tfjs backend, and fails the file if it ends with more or fewer tensors than it began.
 *
 * Call it once, at the top of the file. tfjs's banner about its Node.js package is kept quiet.
 *
 * @param backend - `'cpu'`, or one that the file has imported, such as `'wasm'`. With `CODISTILL_TEST_BACKEND=native` in the
 *   environment `'cpu'` is TensorFlow, so that the same tests hold there
 * @throws Error where no runner with global `beforeAll` and `afterAll` is found; in the tests, where the backend does not start
 * @example
 * testOn('cpu');
 */
export const testOn = (backend: string): void => {
  const { beforeAll, afterAll } = globalThis as unknown as Partial<Hooks>;
  if (beforeAll === undefined || afterAll === undefined) {
    throw new Error('testkit found no global beforeAll and afterAll: run this file with jest, or choose the backend with tf.setBackend.');
  }
  let began = 0;
  beforeAll(async () => {
    await start(backend);
    // The banner comes with the first tensor. The flag is lowered again, because under it the engine looks for leaks inside
    // kernels by a count that is not every backend's.
    tf.env().set('IS_TEST', true);
    tf.scalar(0).dispose();
    tf.env().set('IS_TEST', false);
    began = tf.memory().numTensors;
  });
  afterAll(() => {
    const left = tf.memory().numTensors - began;
    insist(left <= 0, () => `this file ends with ${left} more tensor${left === 1 ? '' : 's'} than it began: use tf.tidy or dispose.`);
    insist(left === 0, () => `this file ends with ${-left} fewer tensor${left === -1 ? '' : 's'} than it began: something disposed what was not its own.`);
  });
};
