import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { crossEntropy, createPipeline, kd, type Listener, meanProbabilities, mlp, sgd, trainer } from './index.ts';
import { blobs } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

interface Memory {
  /** Different tensor counts that were seen after a step. */
  readonly tensors: number;
  /** What a step leaves behind of reachable memory, in bytes, once the first third has warmed everything up. */
  readonly perStep: number;
  /** The same of the process's memory, which comes and goes in large pieces. */
  readonly residentPerStep: number;
}

const trained = async (epochs: number, each: () => void): Promise<Memory> => {
  const pipeline = createPipeline(trainer({ backend: 'cpu' }));
  const model = mlp({ hidden: [8], dropout: 0.2 });
  const run = await pipeline(blobs({ examples: 80, batch: 8 }))
    .teacher(mlp({ hidden: [12] }))
    .students({ a: model, b: model })
    .supervise(crossEntropy())
    .distill(kd({ temperature: 4 }))
    .mutual(kd())
    .optimize(sgd({ lr: 0.01, momentum: 0.9 }))
    .ensemble(meanProbabilities())
    .build();
  const tensors = new Set<number>();
  const measured: { readonly step: number; readonly held: number; readonly resident: number }[] = [];
  const watch: Listener = {
    name: 'watch',
    on: (event) => {
      if (event.type !== 'step') return;
      tensors.add(tf.memory().numTensors);
      each();
      if (event.step % 100 !== 0) return;
      collect();
      const { heapUsed, external, rss } = process.memoryUsage();
      measured.push({ step: event.step, held: heapUsed + external, resident: rss });
    },
  };
  const before = tf.memory().numTensors;
  const { steps } = await run.fit({ epochs, seed: 1, evaluateEvery: epochs / 4, listeners: [watch] });
  run.dispose();
  expect(tf.memory().numTensors).toBe(before);
  const [first, last] = [measured[Math.floor(measured.length / 3)], measured.at(-1)];
  if (first === undefined || last === undefined) throw new Error('nothing was measured');
  expect(last.step).toBe(steps);
  const over = last.step - first.step;
  return { tensors: tensors.size, perStep: (last.held - first.held) / over, residentPerStep: (last.resident - first.resident) / over };
};

it('2,000 steps leave as many tensors and as much memory as 700', async () => {
  const { tensors, perStep, residentPerStep } = await trained(200, () => undefined);
  expect(tensors).toBe(1);
  expect(perStep).toBeLessThan(1024);
  expect(residentPerStep).toBeLessThan(16 * 1024);
});

it('a leak of four kilobytes a step would show', async () => {
  const leak: Uint8Array[] = [];
  const { perStep } = await trained(40, () => leak.push(new Uint8Array(4096)));
  expect(perStep).toBeGreaterThan(3072);
});
