import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseBackend, cpu, wasm } from '@codistill/backend';
import type { FitOptions, Graph, Run } from '@codistill/core';
import { meanProbabilities } from '@codistill/ensemblers';
import { crossEntropy, kd, mutualKl } from '@codistill/losses';
import { cnn, resnet } from '@codistill/models';
import { sgd } from '@codistill/optimizers';
import { createPipeline } from '@codistill/pipeline';
import { rampUp } from '@codistill/schedulers';
import { blobs } from '@codistill/testkit';
import { type Outcome, fit } from '@codistill/trainer';
import * as tf from '@tensorflow/tfjs';
import { describeOnWebgpu } from './describe-on-webgpu.ts';
import { webgpu } from './webgpu.ts';

const graphs: Graph[] = [];
/** The chain with an engine that hands the graph out. */
const compose = createPipeline((graph: Graph) => {
  graphs.push(graph);
  return Promise.resolve({ spec: graph.spec } as Run);
});

/** Ten examples in batches of four: the last of each epoch is smaller. */
const joint = async (): Promise<Graph> => {
  await compose(blobs({ classes: 3, input: [8, 8, 3], examples: 10, batch: 4 }))
    .teacher(resnet({ depth: 8, width: 4 }))
    .students({ a: cnn({ channels: [4], dropout: 0.2 }), b: cnn({ channels: [4], dropout: 0.2 }) })
    .supervise(crossEntropy())
    .distill(kd({ temperature: 4 }), { weight: rampUp({ epochs: 1 }) })
    .mutual(mutualKl())
    .optimize(sgd({ lr: 0.02, momentum: 0.9 }))
    .ensemble(meanProbabilities())
    .build();
  return graphs.at(-1) as Graph;
};

interface Ran extends Pick<Outcome, 'reason'> {
  readonly losses: readonly number[];
  /** How many tensors there were after each step. */
  readonly tensors: readonly number[];
}

const train = async (backend: string, options: FitOptions): Promise<Ran> => {
  const { name } = await chooseBackend({ prefer: backend, candidates: [webgpu({ software: true }), wasm(), cpu()] });
  const began = tf.memory().numTensors;
  const losses: number[] = [];
  const tensors: number[] = [];
  const listener = {
    name: 'log',
    on: (event: { readonly type: string; readonly losses?: unknown }) => {
      if (event.type !== 'step') return;
      losses.push(...numbersIn(event.losses));
      tensors.push(tf.memory().numTensors);
    },
  };
  const { live, execution, reason } = await fit(await joint(), { seed: 3, evaluateEvery: 0, ...options, listeners: [listener, ...(options.listeners ?? [])] }, [], name);
  await execution.close();
  live.dispose();
  expect(tf.memory().numTensors).toBe(began);
  return { losses, tensors, reason };
};

const numbersIn = (value: unknown): readonly number[] => (typeof value === 'number' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : []);

const stopAfter = (steps: number): NonNullable<FitOptions['listeners']>[number] => ({
  name: 'stop',
  on: (event, { stop }) => {
    if (event.type === 'step' && event.step === steps) stop('enough');
  },
});

await describeOnWebgpu('training on webgpu', () => {
  it.each(['cpu', 'wasm'])('has the losses of %s, five steps long', async (other) => {
    const options = { epochs: 2, listeners: [stopAfter(5)] };
    const [expected, actual] = [await train(other, options), await train('webgpu', options)];
    expect(expected.losses.length).toBeGreaterThan(5 * 5);
    expect(actual.losses).toHaveLength(expected.losses.length);
    actual.losses.forEach((loss, at) => expect(Math.abs(loss - (expected.losses[at] ?? NaN))).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(loss))));
  });

  it('holds as many tensors after the last step as after the first', async () => {
    const { tensors } = await train('webgpu', { epochs: 3 });
    expect(tensors).toHaveLength(9);
    expect(new Set(tensors).size).toBe(1);
  });

  it('repeats itself, and goes on from a checkpoint, to the same bytes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'codistill-webgpu-'));
    const [whole, again, parts] = [join(folder, 'whole'), join(folder, 'again'), join(folder, 'parts')];
    const newest = (directory: string): Buffer => readFileSync(join(directory, readdirSync(directory).filter((file) => file.endsWith('.safetensors')).sort().at(-1) ?? ''));
    const checkpoints = (directory: string) => ({ directory, everySteps: 1, keep: 9, resume: true });
    try {
      for (const directory of [whole, again]) await train('webgpu', { epochs: 2, checkpoints: checkpoints(directory) });
      expect(newest(again).equals(newest(whole))).toBe(true);
      mkdirSync(parts);
      const early = readdirSync(whole).filter((file) => file.includes('000000002'));
      expect(early.length).toBeGreaterThan(0);
      for (const file of early) copyFileSync(join(whole, file), join(parts, file));
      expect(newest(parts).equals(newest(whole))).toBe(false);
      const { losses } = await train('webgpu', { epochs: 2, checkpoints: checkpoints(parts) });
      expect(losses.length).toBeGreaterThan(0);
      expect(newest(parts).equals(newest(whole))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
