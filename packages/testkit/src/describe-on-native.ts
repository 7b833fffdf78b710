import * as tf from '@tensorflow/tfjs';

interface Runner {
  readonly describe: ((name: string, body: () => void) => void) & { skip(name: string, body: () => void): void };
  beforeAll(body: () => Promise<void>): void;
}

/**
 * Runs tests on native TensorFlow, where it is installed; elsewhere they are skipped, and say so by name.
 *
 * @param name - of the tests
 * @param load - what to load, in order: each throws where it is not installed
 * @param body - the tests
 * @example
 * describeOnNative('a compiled step', [], () => { it('runs', () => {}); });
 */
export const describeOnNative = (name: string, load: readonly (() => unknown)[], body: () => void): void => {
  const { describe, beforeAll } = globalThis as unknown as Runner;
  try {
    for (const each of load) each();
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split('\n');
    console.warn(`SKIPPED: ${name}. Native TensorFlow is not installed (npx codistill-native install): ${reason ?? ''}`);
    describe.skip(`${name} (native TensorFlow is not installed)`, body);
    return;
  }
  describe(name, () => {
    beforeAll(async () => {
      await tf.setBackend('tensorflow');
    });
    body();
  });
};
