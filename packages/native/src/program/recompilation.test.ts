import { describeOnNative } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { compiledStep, openProgram } from '../compiled-step.ts';
import { loadAddon } from '../session/load-addon.ts';
import { loadTfjsNode } from '../session/load-tfjs-node.ts';

const megabytes = (): number => {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().rss / 2 ** 20;
};

describeOnNative('a thousand recompilations', [loadTfjsNode, loadAddon], () => {
  it('do not grow memory, and keep the variables', async () => {
    const w = tf.tidy(() => tf.variable(tf.zeros([64, 64])));
    const began = tf.memory().numTensors;
    const step = compiledStep(
      ({ x }: { x: tf.Tensor2D }) => {
        w.assign(tf.add(w, tf.mean(x)));
        return { sum: tf.sum(tf.matMul(x, w as tf.Tensor2D)) };
      },
      openProgram({ mostRecordings: 16 }),
    );
    const run = async (rows: number): Promise<void> => {
      const x = tf.tidy(() => tf.ones<tf.Rank.R2>([rows, 64]));
      tf.dispose([x, await step({ x }, {})]);
    };
    // More shapes in turn than a session takes in: each run is a recompilation.
    for (let at = 0; at < 300; at++) await run(1 + (at % 100));
    const early = megabytes();
    for (let at = 300; at < 1000; at++) await run(1 + (at % 100));
    expect(megabytes() - early).toBeLessThan(40);
    await step.pull();
    expect(w.dataSync()[0]).toBe(1000);
    expect(tf.memory().numTensors).toBe(began);
    await step.close();
    w.dispose();
  }, 600_000);
});

describeOnNative('closing programs', [loadTfjsNode, loadAddon], () => {
  it('gives back what they held', async () => {
    const use = async (): Promise<void> => {
      const w = tf.tidy(() => tf.variable(tf.zeros([512, 512])));
      const step = compiledStep(({ x }: { x: tf.Tensor }) => {
        w.assign(tf.add(w, x));
        return {};
      });
      const x = tf.scalar(1);
      await step({ x }, {});
      await step.close();
      tf.dispose([w, x]);
    };
    for (let times = 0; times < 20; times++) await use();
    const early = megabytes();
    for (let times = 0; times < 60; times++) await use();
    expect(megabytes() - early).toBeLessThan(40);
  }, 600_000);
});
