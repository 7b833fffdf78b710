import * as tf from '@tensorflow/tfjs';
import { webgpu } from './webgpu.ts';

interface Runner {
  readonly describe: ((name: string, body: () => void) => void) & { skip(name: string, body: () => void): void };
  beforeAll(body: () => Promise<void>): void;
  afterAll(body: () => void): void;
}

/**
 * Runs tests on WebGPU, in software where there is no card; where no driver is found they are skipped, and say so by name. They
 * fail if they end with more or fewer tensors than they began with.
 *
 * @param name - of the tests
 * @param body - the tests
 * @example
 * await describeOnWebgpu('a kernel', () => { it('computes', () => {}); });
 */
export const describeOnWebgpu = async (name: string, body: () => void): Promise<void> => {
  const { describe, beforeAll, afterAll } = globalThis as unknown as Runner;
  const candidate = webgpu({ software: true });
  try {
    await candidate.start({});
  } catch (error) {
    console.warn(`SKIPPED: ${name}. WebGPU finds no driver (CONTRIBUTING.md names one in software): ${error instanceof Error ? error.message : String(error)}`);
    describe.skip(`${name} (WebGPU finds no driver)`, body);
    return;
  }
  describe(name, () => {
    let began = 0;
    beforeAll(async () => {
      await candidate.start({});
      began = tf.memory().numTensors;
    });
    afterAll(() => {
      const left = tf.memory().numTensors - began;
      if (left !== 0) throw new Error(`'${name}' ends with ${left} tensors more than it began with: use tf.tidy or dispose.`);
    });
    body();
  });
};
