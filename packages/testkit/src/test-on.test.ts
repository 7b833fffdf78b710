import * as tf from '@tensorflow/tfjs';
import { testOn } from './test-on.ts';

type Hook = () => void | Promise<void>;

/** The hooks that `testOn` hands the runner, so that they can be run here and now. */
const hooksOf = (backend: string): { before: Hook; after: Hook } => {
  const runner = globalThis as unknown as Record<'beforeAll' | 'afterAll', ((hook: Hook) => void) | undefined>;
  const { beforeAll, afterAll } = runner;
  const hooks = { before: (() => undefined) as Hook, after: (() => undefined) as Hook };
  try {
    runner.beforeAll = (hook) => { hooks.before = hook; };
    runner.afterAll = (hook) => { hooks.after = hook; };
    testOn(backend);
  } finally {
    Object.assign(runner, { beforeAll, afterAll });
  }
  return hooks;
};

describe('testOn', () => {
  it('starts the backend without changing what is there', async () => {
    await hooksOf('cpu').before();
    expect(tf.getBackend()).toBe('cpu');
    expect(tf.env().getBool('IS_TEST')).toBe(false);
    expect(tf.memory().numTensors).toBe(0);
  });

  it('fails a file that leaves tensors behind, or disposes others', async () => {
    const { before, after } = hooksOf('cpu');
    await before();
    expect(after).not.toThrow();
    const [left, more] = [tf.scalar(1), tf.scalar(2)];
    expect(after).toThrow('this file ends with 2 more tensors than it began: use tf.tidy or dispose.');
    more.dispose();
    expect(after).toThrow('this file ends with 1 more tensor than it began: use tf.tidy or dispose.');
    await before();
    left.dispose();
    expect(after).toThrow('this file ends with 1 fewer tensor than it began: something disposed what was not its own.');
  });

  it('says what to do about a backend that is not there', async () => {
    await expect(Promise.resolve(hooksOf('abacus').before())).rejects.toThrow(/abacus/);
    await tf.setBackend('cpu');
  });

  it('says what to do without a runner', () => {
    const { beforeAll } = globalThis as unknown as Record<string, unknown>;
    try {
      Reflect.deleteProperty(globalThis, 'beforeAll');
      expect(() => { testOn('cpu'); }).toThrow('testkit found no global beforeAll and afterAll: run this file with jest, or choose the backend with tf.setBackend.');
    } finally {
      Object.assign(globalThis, { beforeAll });
    }
  });
});
