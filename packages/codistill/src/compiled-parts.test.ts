// Models, optimizers and programs as compiled steps: the same bits as operation by operation.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Model, type Named, type Optimizer, type Run, type TrainingEvent, adam, adamw, addDecayedWeights, adopt, branches, chain, clipByGlobalNorm, clipByValue, cnn, cosine, courseExam, createPipeline, crossEntropy,
  descend, fused, inTurn, kd, lowBit, mlp, mobilenet, mutualKl, projected, resnet, rmsprop, scaleByAdam, sgd, trainer, twoPhase,
} from './index.ts';
import { blobs } from '@codistill/testkit';
import { decodeCheckpoint } from '@codistill/trainer';
import * as tf from '@tensorflow/tfjs';

const native = process.env['CODISTILL_TEST_BACKEND'] === 'native';
if (!native) console.warn('SKIPPED: models, optimizers and programs as compiled steps, which native TensorFlow has (CODISTILL_TEST_BACKEND=native).');

const compose = createPipeline(trainer({ backend: native ? 'native' : 'cpu' }));
/** Two steps. */
const images = blobs({ classes: 3, input: [8, 8, 3], examples: 8, batch: 4 });

/** Two halves, which models take in turn. */
const odd = {
  sgd: sgd({ lr: 0.1 }),
  nesterov: sgd({ lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 5e-4, except: ['gamma', 'beta', 'bias'] }),
  adamw: adamw({ lr: 0.01 }),
  clipped: chain(clipByGlobalNorm({ max: 0.1 }), scaleByAdam(), descend({ lr: 0.01 })),
} satisfies Named<Optimizer>;
const even = {
  momentum: sgd({ lr: cosine({ from: 0.1 }), momentum: 0.9 }),
  adam: adam({ lr: cosine({ from: 0.01 }) }),
  rmsprop: rmsprop({ lr: 0.01 }),
  bounded: chain(clipByValue({ max: 0.01 }), addDecayedWeights({ weightDecay: 0.01 }), descend({ lr: 0.1 })),
} satisfies Named<Optimizer>;
const all = { ...odd, ...even };

/** To the compiler all optimizers are called as those of the first half. */
type Optimizers = typeof odd;
const asOdd = (optimizers: Named<Optimizer>): Optimizers => optimizers as Optimizers;

const tiny = mlp({ hidden: [4] });
/** A student of the model for each optimizer. */
const students = <Name extends string>(model: Model, optimizers: { readonly [name in Name]: Optimizer }): { readonly [name in Name]: typeof tiny } =>
  Object.fromEntries(Object.keys(optimizers).map((name) => [name, model])) as { [name in Name]: typeof tiny };

interface Trained {
  readonly events: readonly TrainingEvent[];
  readonly weights: Named<readonly number[]>;
}

const train = async (run: Run, eager: boolean): Promise<Trained> => {
  const directory = mkdtempSync(join(tmpdir(), 'codistill-compiled-parts-'));
  const events: TrainingEvent[] = [];
  await run.fit({ epochs: 1, seed: 3, eager, evaluateEvery: 0, checkpoints: { directory }, listeners: [{ name: 'log', on: (event) => void events.push(event) }] });
  run.dispose();
  const path = events.flatMap((event) => (event.type === 'checkpoint' ? [event.path] : [])).at(-1) ?? '';
  const checkpoint = decodeCheckpoint(readFileSync(path));
  rmSync(directory, { recursive: true });
  if (typeof checkpoint === 'string') throw new Error(checkpoint);
  return { events: events.filter(({ type }) => type === 'step' || type === 'notice'), weights: Object.fromEntries(Object.entries(checkpoint.arrays).map(([name, { values }]) => [name, Array.from(values)])) };
};

const expectSame = async (build: () => Promise<Run>): Promise<void> => {
  const compiled = await train(await build(), false);
  expect(compiled.events.filter(({ type }) => type === 'notice')).toEqual([]);
  const eager = await train(await build(), true);
  expect(compiled.events).toEqual(eager.events);
  expect(compiled.weights).toEqual(eager.weights);
};

(native ? describe : describe.skip)('compiled, to the bit as operation by operation: half of the optimizers with each model and each program:', () => {
  const models: Named<Model> = {
    mlp: mlp({ hidden: [4], dropout: 0.3 }),
    cnn: cnn({ channels: [3, 4], dropout: 0.2 }),
    resnet: resnet({ depth: 8, width: 2 }),
    mobilenet: mobilenet({ width: 0.25, stages: [{ expansion: 2, channels: 8, units: 1, stride: 1 }], stem: 8, features: 16 }),
    branches: branches(cnn({ channels: [3, 4] }), { names: ['one', 'two'], from: 'block1' }),
    fused: fused({ one: cnn({ channels: [3, 4] }), two: cnn({ channels: [2, 4] }) }, { at: ['last'] }),
    lowBit: lowBit(cnn({ channels: [3, 4] }), { bits: 4 }),
    projected: projected(cnn({ channels: [3, 4] }), { from: 'last', to: { channels: 6 } }),
    adopted: adopt(() => tf.sequential({ layers: [tf.layers.flatten({ inputShape: [8, 8, 3], name: 'flat' }), tf.layers.dense({ units: 3, name: 'head' })] })),
  };
  const alone = (model: Model, by: Optimizers) => compose(images).students(students(model, by)).supervise(crossEntropy()).optimize(by).build();
  it.each(Object.entries(models).map(([name, model], at) => [name, model, at % 2 === 0 ? asOdd(even) : odd] as const))('the model %s', async (_, model, half) => {
    await expectSame(() => alone(model, half));
  });

  const taught = (model: Model, optimizers: Optimizers) => compose(images).teacher(tiny).students(students(model, optimizers)).supervise(crossEntropy()).distill(kd({ temperature: 2 }));
  const updated = (optimizers: Optimizers) => ({ ...optimizers, teacher: even.momentum });
  const programs = {
    joint: (model: Model, by: Optimizers) => taught(model, by).mutual(mutualKl()).optimize(updated(by)).build(),
    inTurn: (model: Model, by: Optimizers) => taught(model, by).mutual(mutualKl()).program(inTurn()).optimize(updated(by)).build(),
    twoPhase: (model: Model, by: Optimizers) => taught(model, by).supervise(crossEntropy(), { to: 'teacher', phase: 'head' }).program(twoPhase({ phase: 'head', update: ['teacher/'] })).optimize(updated(by)).build(),
    courseExam: (model: Model, by: Optimizers) => taught(model, by).program(courseExam({ stepSize: 0.1 })).optimize(updated(by)).build(),
  };
  it.each(Object.entries(programs).map(([name, build], at) => [name, build, at % 2 === 0 ? odd : asOdd(even)] as const))('the program %s', async (_, build, half) => {
    await expectSame(() => build(tiny, half));
  });

  // Every optimizer with each model under each program, for whoever has the minutes.
  const product = Object.entries(models).flatMap(([name, model]) => Object.entries(programs).map(([program, build]) => [name, program, () => build(model, asOdd(all))] as const));
  (process.env['CODISTILL_TEST_PRODUCT'] === undefined ? it.skip : it).each(product)('the model %s under the program %s', async (_, __, build) => {
    await expectSame(build);
  });
});
