// Copies, stages that move weights, programs, derived nodes that learn, and several views: trained through the engine, and judged by
// the weights in the checkpoints.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Named,
  type Run,
  type View,
  cnn,
  createPipeline,
  crossEntropy,
  defineDerived,
  defineNodeView,
  defineProgram,
  defineView,
  ema,
  inTurn,
  kd,
  mlp,
  mutualKl,
  sgd,
  snapshot,
  trainer,
  twoPhase,
} from './index.ts';
import { decodeCheckpoint } from '@codistill/trainer';
import { blobs, testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';

testOn('cpu');

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'codistill-nouns-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const data = blobs({ classes: 3, input: [6, 6, 1], batch: 6 });
const net = cnn({ channels: [3, 4] });
const compose = createPipeline(trainer({ backend: tf.getBackend() }));
const perEpoch = data.train.batches;

type Weights = Named<Float32Array>;

/** Weights by step, at each of `every` steps, and at the end. */
const weightsOf = async (run: Run, fit: { readonly epochs?: number; readonly everySteps?: number; readonly resume?: boolean } = {}): Promise<ReadonlyMap<number, Weights>> => {
  const seen = new Map<number, Weights>();
  await run.fit({
    ...(fit.epochs === undefined ? {} : { epochs: fit.epochs }),
    seed: 3,
    checkpoints: { directory, everySteps: fit.everySteps ?? 1, keep: 2, resume: fit.resume ?? false },
    listeners: [
      {
        name: 'reader',
        on: (event) => {
          if (event.type !== 'checkpoint') return;
          const checkpoint = decodeCheckpoint(readFileSync(event.path));
          if (typeof checkpoint === 'string') throw new Error(checkpoint);
          seen.set(event.step, Object.fromEntries(Object.entries(checkpoint.arrays).map(([name, { values }]) => [name, values])));
        },
      },
    ],
  });
  run.dispose();
  return seen;
};

/** The parameters of one node, by their own names. */
const of = (weights: Weights | undefined, node: string, kind = 'parameter'): Weights =>
  Object.fromEntries(Object.entries(weights ?? {}).flatMap(([name, values]) => (name.startsWith(`node/${node}/${kind}/`) ? [[name.slice(`node/${node}/${kind}/`.length), values]] : [])));

describe('copies', () => {
  it('ema follows its original by its decay, after the optimizer', async () => {
    const run = await compose(data).students({ a: net }).node('mean', ema({ of: 'a', decay: 0.6 })).supervise(crossEntropy()).optimize(sgd({ lr: 0.1 })).build();
    const at = await weightsOf(run, { epochs: 1 });
    let expected: Weights = {};
    for (const step of [1, 2, 3, 4]) {
      const decay = Math.fround(Math.min(1 - 1 / step, 0.6));
      const now = of(at.get(step), 'a');
      expected = Object.fromEntries(Object.entries(now).map(([name, values]) => [name, values.map((x, i) => (step === 1 ? x : decay * (expected[name]?.[i] ?? NaN) + (1 - decay) * x))]));
      for (const [name, values] of Object.entries(of(at.get(step), 'mean'))) {
        values.forEach((x, i) => expect(Math.abs(x - (expected[name]?.[i] ?? NaN))).toBeLessThan(1e-6));
      }
    }
    expect(of(at.get(4), 'mean')).not.toEqual(of(at.get(4), 'a'));
  });

  it('snapshot takes weights at the beginning, or at that of a stage, and stays as it is', async () => {
    const run = await compose(data)
      .students({ a: net })
      .stages([{ name: 'alone', epochs: 1 }, { name: 'together', epochs: 1 }])
      .node('first', snapshot({ of: 'a' }))
      .node('before', snapshot({ of: 'a', at: 'together' }))
      .supervise(crossEntropy())
      .edge(kd({ temperature: 4 }), { from: 'before', to: 'a', when: 'together' })
      .optimize(sgd({ lr: 0.1 }))
      .build();
    const at = await weightsOf(run);
    const last = at.get(2 * perEpoch);
    expect(of(last, 'before')).toEqual(of(at.get(perEpoch), 'a'));
    expect(of(last, 'before', 'buffer')).toEqual(of(at.get(perEpoch), 'a', 'buffer'));
    expect(of(last, 'first')).not.toEqual(of(last, 'before'));
    // The first step moved 'a' away from what 'first' holds since before it.
    expect(of(last, 'first')).toEqual(of(at.get(1), 'first'));
    expect(of(last, 'a')).not.toEqual(of(last, 'before'));
  });
});

describe('stages', () => {
  const generations = (): Promise<Run> =>
    compose(data)
      .teacher(net)
      .students({ student: net })
      .stages([
        { name: 'first', epochs: 1, freeze: ['student'] },
        { name: 'second', epochs: 1, freeze: ['teacher'] },
        { name: 'third', epochs: 1, freeze: ['teacher'], promote: { student: 'teacher' }, reinit: ['student'] },
      ])
      .supervise(crossEntropy(), { to: ['teacher'], when: 'first' })
      .supervise(crossEntropy(), { to: ['student'], when: ['second', 'third'] })
      .distill(kd(), { when: ['second', 'third'] })
      .optimize(sgd({ lr: 0.1, momentum: 0.9 }))
      .build();

  it('promote a student to teacher and let it begin anew, slots included', async () => {
    const at = await weightsOf(await generations());
    const [taught, promoted] = [at.get(2 * perEpoch), at.get(2 * perEpoch + 1)];
    expect(of(promoted, 'teacher')).toEqual(of(taught, 'student'));
    expect(of(promoted, 'teacher', 'buffer')).toEqual(of(taught, 'student', 'buffer'));
    expect(of(promoted, 'student')).not.toEqual(of(taught, 'student'));
    // After one step from zero, momentum is the gradient alone: the old velocity is gone.
    const before = of(at.get(2 * perEpoch), 'student', 'slot');
    const after = of(promoted, 'student', 'slot');
    expect(Object.keys(after).length).toBeGreaterThan(0);
    expect(after).not.toEqual(before);
    expect(of(at.get(3 * perEpoch), 'teacher')).toEqual(of(taught, 'student'));
  });

  it('resume bit for bit, at the border between two as well', async () => {
    const whole = await weightsOf(await generations());
    const last = 3 * perEpoch;
    for (const stop of [2 * perEpoch, 2 * perEpoch + 1]) {
      rmSync(directory, { recursive: true, force: true });
      const interrupted = await generations();
      const abort = new AbortController();
      await interrupted.fit({
        seed: 3,
        signal: abort.signal,
        checkpoints: { directory, everySteps: 1 },
        listeners: [{ name: 'stopper', on: (event) => { if (event.type === 'step' && event.step === stop) abort.abort(); } }],
      });
      interrupted.dispose();
      const resumed = await weightsOf(await generations(), { resume: true });
      expect(resumed.get(last)).toEqual(whole.get(last));
    }
  });
});

describe('programs', () => {
  const peers = () => compose(data).students({ a: net, b: net }).supervise(crossEntropy()).mutual(mutualKl()).optimize(sgd({ lr: 0.1 }));

  it('inTurn: the first learns as in the joint step, the second from the first as it is then', async () => {
    const joint = (await weightsOf(await peers().build(), { epochs: 1 })).get(1);
    rmSync(directory, { recursive: true, force: true });
    const turns = (await weightsOf(await peers().program(inTurn()).build(), { epochs: 1 })).get(1);
    expect(of(turns, 'a')).toEqual(of(joint, 'a'));
    expect(of(turns, 'b')).not.toEqual(of(joint, 'b'));
  });

  it('twoPhase: the second update moves what it names, and nothing else', async () => {
    const chain = compose(data).students({ a: net }).supervise(crossEntropy()).supervise(crossEntropy({ labelSmoothing: 0.1 }), { phase: 'head' }).optimize(sgd({ lr: 0.1 }));
    const twice = (await weightsOf(await chain.program(twoPhase({ phase: 'head', update: ['a/logits/'] })).build(), { epochs: 1 })).get(1);
    rmSync(directory, { recursive: true, force: true });
    const once = (await weightsOf(await compose(data).students({ a: net }).supervise(crossEntropy()).optimize(sgd({ lr: 0.1 })).build(), { epochs: 1 })).get(1);
    const [moved, reference] = [of(twice, 'a'), of(once, 'a')];
    for (const name of Object.keys(moved)) {
      if (name.startsWith('logits/')) expect(moved[name]).not.toEqual(reference[name]);
      else expect(moved[name]).toEqual(reference[name]);
    }
  });

  it('gradients of a part of the batch average to those of the whole', async () => {
    const halves = defineProgram({
      name: 'halves',
      step: ({ gradients, apply }) => {
        const [first, second] = [gradients({ part: [0, 2] }), gradients({ part: [1, 2] })];
        apply(Object.fromEntries(Object.entries(first).map(([node, own]) => [node, Object.fromEntries(Object.entries(own).map(([name, g]) => [name, tf.add(g, second[node]?.[name] ?? g).div(2)]))])));
      },
    });
    const linear = mlp({ hidden: [4] });
    const chain = () => compose(data).students({ a: linear }).supervise(crossEntropy()).optimize(sgd({ lr: 0.1 }));
    const apart = (await weightsOf(await chain().program(halves).build(), { epochs: 1 })).get(1);
    rmSync(directory, { recursive: true, force: true });
    const together = (await weightsOf(await chain().build(), { epochs: 1 })).get(1);
    for (const [name, values] of Object.entries(of(together, 'a'))) values.forEach((x, i) => expect(Math.abs(x - (of(apart, 'a')[name]?.[i] ?? NaN))).toBeLessThan(1e-6));
  });
});

describe('derived nodes', () => {
  const scaled = defineDerived({
    name: 'scaled',
    of: ['a', 'b'],
    emits: ['logits'],
    state: () => ({ parameters: { factor: { shape: [], values: new Float32Array([0.5]) } }, buffers: {} }),
    read: ([a, b], context) => ({ logits: tf.mul(tf.add(a?.logits ?? 0, b?.logits ?? 0), context.variable('factor')) }),
  });

  it('learn with an optimizer of their own, are measured, and rest where a stage says so', async () => {
    const run = await compose(data)
      .students({ a: net, b: net })
      .node('mix', scaled)
      .stages([{ name: 'learn', epochs: 1 }, { name: 'rest', epochs: 1, freeze: ['mix'] }])
      .supervise(crossEntropy())
      .supervise(crossEntropy(), { to: ['mix'] })
      .optimize({ default: sgd({ lr: 0.1 }), mix: sgd({ lr: 0.01 }) })
      .build();
    const at = await weightsOf(run);
    const factor = (step: number): number => of(at.get(step), 'mix')['factor']?.[0] ?? NaN;
    expect(factor(1)).not.toBe(0.5);
    expect(factor(perEpoch)).not.toBe(factor(1));
    expect(factor(2 * perEpoch)).toBe(factor(perEpoch));
    const again = await compose(data).students({ a: net, b: net }).node('mix', scaled).supervise(crossEntropy()).supervise(crossEntropy(), { to: ['mix'] }).optimize(sgd({ lr: 0.1 })).build();
    const { evaluation } = await again.fit({ epochs: 1 });
    expect(Object.keys(evaluation?.nodes ?? {})).toEqual(['a', 'b', 'mix']);
    again.dispose();
  });
});

describe('views', () => {
  const original = defineView({ name: 'original' }, (batch) => batch);
  const darker = defineView({ name: 'darker' }, (batch) => ({ ...batch, input: { ...batch.input, values: batch.input.values.map((x) => x / 2) } }));

  it('of one node are stacked, with their labels: the loss is the mean of both', async () => {
    const linear = mlp({ hidden: [4] });
    const losses = async (...views: readonly View[]): Promise<number> => {
      let first = NaN;
      const run = await compose(data).students({ a: linear }).views({ a: views }).supervise(crossEntropy()).optimize(sgd({ lr: 0.1 })).build();
      await run.fit({ epochs: 1, seed: 3, listeners: [{ name: 'l', on: (event) => { if (event.type === 'step' && event.step === 1) first = event.losses.nodes['a'] ?? NaN; } }] });
      run.dispose();
      return first;
    };
    const [one, other, both] = [await losses(original), await losses(darker), await losses(original, darker)];
    expect(one).not.toBeCloseTo(other, 3);
    expect(both).toBeCloseTo((one + other) / 2, 5);
  });

  it('can be made by a node, in the step', async () => {
    const asked: number[][] = [];
    const mined = defineNodeView({
      name: 'mined',
      by: 'teacher',
      look: (input, _, read) => {
        const logits = read(input, ['logits']).logits;
        asked.push(logits.shape);
        return input.mul(0);
      },
    });
    const run = await compose(data)
      .teacher(net)
      .students({ student: net })
      .views({ teacher: [original, mined], student: [original, mined] })
      .supervise(crossEntropy())
      .distill(kd())
      .optimize(sgd({ lr: 0.1 }))
      .build();
    asked.length = 0;
    await run.fit({ epochs: 1, seed: 3, eager: true });
    // Once a step, though two nodes see it.
    expect(asked).toHaveLength(perEpoch);
    run.dispose();
  });
});

it('a pipeline that names none of them has a spec without them', () => {
  const spec = compose(data).students({ a: net }).supervise(crossEntropy()).optimize(sgd({ lr: 0.1 })).spec();
  expect(JSON.stringify(spec)).not.toMatch(/program|phase|promote|reinit|views/);
});
