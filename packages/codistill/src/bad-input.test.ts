import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Batch,
  type Data,
  defineDerived,
  type FitOptions,
  type Listener,
  type Run,
  cnn,
  createPipeline,
  crossEntropy,
  defineModel,
  defineSchedule,
  defineTerm,
  hint,
  kd,
  mlp,
  meanProbabilities,
  sgd,
  trainer,
} from './index.ts';
import { blobs } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';

const root = join(import.meta.dirname, '../../..');
const pipeline = createPipeline(trainer({ backend: 'cpu' }));
const model = mlp({ hidden: [6] });
const students = pipeline(blobs()).teacher(model).students({ a: model, b: model }).supervise(crossEntropy());

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'codistill-bad-'));
});
afterEach(() => {
  rmSync(scratch, { recursive: true, force: true });
});

/** A term that behaves for a while. */
const failing = (after: number, how: () => tf.Tensor) => {
  let calls = 0;
  return defineTerm({
    name: 'mine',
    from: 'node',
    needs: ['logits'],
    compute: (to, from) => (calls++ < after ? to.logits.sub(from.logits).square().sum(-1) : how()),
  });
};
/** The mean of two peers' last block: no parameter is its own. */
const middle = defineDerived({
  name: 'middle',
  of: ['a', 'b'],
  emits: ['tap:last'],
  read: (members) => ({ 'tap:last': tf.addN(members.map((member) => member['tap:last'])).div(members.length) }),
});

const nan = (): tf.Tensor => tf.tensor1d([NaN]).asScalar();
const throwing = (): tf.Tensor => {
  throw new Error('out of ideas');
};

describe('build() refuses, before any training', () => {
  const altered = (change: (batch: Batch) => Batch): Data<'class', 3> => {
    const data = blobs();
    return { ...data, train: { ...data.train, at: async (...request) => (await data.train.at(...request)).map(change) } };
  };
  const wide = defineModel({ ...model, name: 'wide', classes: null, build: (site, key) => model.build({ ...site, classes: 7 }, key) });
  const table: readonly (readonly [string, () => Promise<unknown>, string | RegExp])[] = [
    [
      'a term of the wrong shape',
      () => students.distill(defineTerm({ name: 'mine', from: 'node', needs: ['logits'], compute: (to) => to.logits.square() })).optimize(sgd({ lr: 0.1 })).build(),
      /^the pipeline has 2 problems:\n {2}the loss on teacher -mine-> a has shape \[2, 3\]: return one value per example, \[2\], or a scalar\n {2}the loss on teacher -mine-> b has shape/,
    ],
    ['a term that is NaN', () => students.distill(defineTerm({ name: 'mine', from: 'node', needs: ['logits'], compute: (to) => to.logits.sum(-1).mul(NaN) }), { to: ['a'] }).optimize(sgd({ lr: 0.1 })).build(), /the loss on teacher -mine-> a is NaN on the first batch: look at its formula and at the data/],
    ['a term that throws', () => students.distill(failing(0, throwing), { to: ['a'] }).optimize(sgd({ lr: 0.1 })).build(), 'the loss on teacher -mine-> a cannot be computed: out of ideas'],
    [
      'a term that sends no gradient',
      () => students.distill(defineTerm({ name: 'mine', from: 'node', needs: ['logits'], compute: (_, from) => from.logits.sum(-1) }), { to: ['a'] }).optimize(sgd({ lr: 0.1 })).build(),
      "the loss on teacher -mine-> a sends no gradient to 'a': compute it from the first argument, with differentiable operations",
    ],
    [
      'a model of another width than it says',
      () => pipeline(blobs()).students({ a: wide }).supervise(crossEntropy()).optimize(sgd({ lr: 0.1 })).build(),
      "node 'a' has 7 logits but the data has 3 classes",
    ],
    [
      'taps of other widths, with the edge and the remedy',
      () =>
        pipeline(blobs({ input: [8, 8, 1] }))
          .teacher(cnn({ channels: [2, 4] }))
          .students({ a: cnn({ channels: [2, 3] }) })
          .supervise(crossEntropy())
          .distill(hint({ at: 'last' }))
          .optimize(sgd({ lr: 0.1 }))
          .build(),
      /^teacher -hint\(at=last\)-> a: .*'last' is 4 wide.* 3 .*project: true/s,
    ],
    [
      'a projector at a node made of others, which nobody would train',
      () =>
        pipeline(blobs({ input: [8, 8, 1] }))
          .teacher(cnn({ channels: [2, 4] }))
          .students({ a: cnn({ channels: [2, 3] }), b: cnn({ channels: [2, 3] }) })
          .node('mix', middle)
          .supervise(crossEntropy())
          .distill(hint({ at: 'last', project: true }), { to: 'mix' })
          .optimize(sgd({ lr: 0.1 }))
          .build(),
      "the loss on teacher -hint(at=last, project=true)-> mix has weights of its own, which learn with 'mix', but that is derived and learns nothing: let the edge end at a node that learns",
    ],
    [
      'a projector at a frozen teacher, which hears its students only',
      () =>
        pipeline(blobs({ input: [8, 8, 1] }))
          .teacher(cnn({ channels: [2, 4] }), { frozen: true })
          .students({ a: cnn({ channels: [2, 3] }) })
          .supervise(crossEntropy())
          .edge(hint({ at: 'last', project: true }), { from: 'a', to: 'teacher', gradient: 'from' })
          .optimize(sgd({ lr: 0.1 }))
          .build(),
      "which learn with 'teacher', but that is frozen and learns nothing: let the edge end at a node that learns",
    ],
    [
      'NaN in the data',
      () =>
        pipeline(altered((batch) => ({ ...batch, input: { ...batch.input, values: batch.input.values.map((x, at) => (at === 5 ? NaN : x)) } })))
          .students({ a: model })
          .supervise(crossEntropy())
          .optimize(sgd({ lr: 0.1 }))
          .build(),
      "the first batch of the train split holds NaN or infinity: clean the data, or name the bad file's row to the loader",
    ],
  ];
  it.each(table)('%s', async (_, build, sentence) => {
    await expect(build()).rejects.toThrow(sentence);
  });
});

describe('fit() refuses', () => {
  let run: Run;
  beforeEach(async () => {
    run = await students.distill(kd()).optimize(sgd({ lr: 0.1 })).ensemble(meanProbabilities()).build();
  });
  afterEach(() => {
    run.dispose();
  });
  const table: readonly (readonly [string, () => FitOptions, string | RegExp])[] = [
    ['no epochs', () => ({}), 'fit needs epochs: say fit({ epochs: 10 }), or give the pipeline .stages([...])'],
    ['half a seed', () => ({ epochs: 1, seed: 0.5 }), 'fit({ seed }) must be a non-negative safe integer but is 0.5'],
    [
      'a place that cannot be written',
      () => {
        writeFileSync(join(scratch, 'file'), '');
        return { epochs: 1, checkpoints: { directory: join(scratch, 'file/below') } };
      },
      /^checkpoints cannot be written to .*below \(.*\): choose a directory you may write to$/,
    ],
  ];
  it.each(table)('%s', async (_, options, sentence) => {
    await expect(run.fit(options())).rejects.toThrow(sentence);
  });

  it('a folder of checkpoints it was not told to go on from, and those of another run', async () => {
    const checkpoints = { directory: join(scratch, 'run') };
    await run.fit({ epochs: 1, checkpoints });
    await expect(run.fit({ epochs: 1, checkpoints })).rejects.toThrow(
      /already holds checkpoints \(.*step-000000006\.safetensors\): say checkpoints: \{ resume: true \} to go on from them, or choose another directory$/,
    );
    await expect(run.fit({ epochs: 1, seed: 5, checkpoints: { ...checkpoints, resume: true } })).rejects.toThrow(
      /was written by a run with another seed \(0, not 5\): use the same seed, or another directory$/,
    );
  });

  it('to evaluate or export what was not trained', () => {
    expect(() => run.evaluate()).toThrow('there is nothing to evaluate yet: call run.fit(...) first');
    expect(() => run.export(scratch)).toThrow('there is nothing to export yet: call run.fit(...) first');
  });
});

describe('a part that fails in the middle of training is named, and loses nothing already trained', () => {
  /** Fails from the thirteenth step on, twelve of which are kept. */
  const late = (): void => {
    if (at >= 12) throw new Error('out of ideas');
  };
  let at = 0;
  const clock: Listener = { name: 'clock', on: (event) => { if (event.type === 'step') at = event.step; } };
  const kept = /: mend it; the last checkpoint is .*step-000000010\.safetensors$/;
  beforeEach(() => {
    at = 0;
  });
  const rate = defineSchedule({ name: 'mine' }, () => {
    late();
    return 0.1;
  });
  const plain = sgd({ lr: 0.1 });
  const data = blobs();
  const failing = { ...data, name: 'mine', train: { ...data.train, at: (...given: Parameters<Data['train']['at']>) => (given[0] >= 12 ? Promise.reject(new Error('out of ideas')) : data.train.at(...given)) } };
  it.each([
    ['a schedule', () => students.optimize(sgd({ lr: rate })), clock, "the schedule 'mine'"],
    ['an optimizer', () => students.optimize({ ...plain, name: 'mine', update: (update) => { late(); return plain.update(update); } }), clock, "the optimizer 'mine' of 'teacher'"],
    ['a listener', () => students.optimize(plain), { name: 'mine', on: (event) => { if (event.type === 'step' && event.step > 12) throw new Error('out of ideas'); } } satisfies Listener, "the listener 'mine'"],
    ['a data set', () => pipeline(failing).teacher(model).students({ a: model, b: model }).supervise(crossEntropy()).optimize(plain), clock, "the data set 'mine'"],
  ] as const)('%s', async (_, chain, listener, what) => {
    const directory = join(scratch, 'run');
    const run = await chain().build();
    const fitted = run.fit({ epochs: 4, listeners: [listener], checkpoints: { directory, everySteps: 5 } });
    await expect(fitted).rejects.toMatchObject({ code: 'PART_THREW', message: expect.stringMatching(kept) as string });
    await expect(fitted).rejects.toThrow(`${what} threw at step 1`);
    expect(readdirSync(directory)).toEqual(['step-000000005.safetensors', 'step-000000010.safetensors']);
  });

  it('a schedule that gives no number', async () => {
    const run = await students.optimize(sgd({ lr: defineSchedule({ name: 'mine' }, ({ step }) => (step < 12 ? 0.1 : NaN)) })).build();
    await expect(run.fit({ epochs: 4, checkpoints: { directory: join(scratch, 'run'), everySteps: 5 } })).rejects.toThrow(
      /^the schedule 'mine' is NaN at step 12: mend its schedule; the last checkpoint is .*step-000000010\.safetensors$/,
    );
  });
});

describe('a loss that fails in the middle of training loses nothing already trained', () => {
  // Two calls on the dummy batch of build(), then one per step.
  it.each([
    ['NaN', nan, /^the loss on teacher -mine-> a became NaN at step 13: lower the learning rate or clip the gradients; the last checkpoint is .*step-000000010\.safetensors$/],
    ['an error', throwing, /^the loss on teacher -mine-> a threw at step 13 \("out of ideas"\): mend the term; the last checkpoint is .*step-000000010\.safetensors$/],
  ])('%s', async (_, how, sentence) => {
    const run = await students.distill(failing(14, how), { to: ['a'] }).optimize(sgd({ lr: 0.1 })).build();
    const directory = join(scratch, 'run');
    const before = tf.memory().numTensors;
    await expect(run.fit({ epochs: 4, checkpoints: { directory, everySteps: 5 } })).rejects.toThrow(sentence);
    expect(tf.memory().numTensors).toBe(before);
    expect(readdirSync(directory)).toEqual(['step-000000005.safetensors', 'step-000000010.safetensors']);
  });
});

it('what the data wants said is heard before training begins', async () => {
  const slow = { ...blobs(), notices: [{ code: 'SLOW', sentence: 'batches are made in the main thread' }] };
  const run = await pipeline(slow).students({ only: model }).supervise(crossEntropy()).optimize(sgd({ lr: 0.1 })).build();
  const heard: string[] = [];
  await run.fit({ epochs: 1, listeners: [{ name: 'hear', on: (event) => void heard.push(event.type === 'notice' ? event.sentence : event.type) }] });
  expect(heard.slice(0, 2)).toEqual(['batches are made in the main thread', 'start']);
  run.dispose();
});

it('one student and no teacher is plain training', async () => {
  const run = await pipeline(blobs()).students({ only: model }).supervise(crossEntropy()).optimize(sgd({ lr: 0.1 })).build();
  expect((await run.fit({ epochs: 1 })).steps).toBe(6);
  run.dispose();
});

/** A user's program, in a process of its own. */
const program = `
import { createPipeline, trainer, mlp, crossEntropy, sgd, CodistillError } from 'codistill';
import { blobs } from '@codistill/testkit';
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
const run = await createPipeline(trainer({ backend: 'cpu' }))(blobs()).students({ a: mlp({ hidden: [64] }) }).supervise(crossEntropy()).optimize(sgd({ lr: 0.1 })).build();
const tell = { name: 'tell', on: (event) => { if (event.type === 'step' || event.type === 'notice') console.log(event.sentence ?? event.step); } };
try {
  const { reason, steps } = await run.fit({ epochs: Number(process.argv[2]), signal: stop.signal, listeners: [tell], checkpoints: { directory: process.argv[1], everySteps: 1000000 } });
  console.log(reason, steps);
  process.exit(reason === 'interrupted' ? 130 : 0);
} catch (error) {
  if (!(error instanceof CodistillError)) throw error;
  console.error(error.message);
  if (error.code === 'LAST_CHECKPOINT') console.log('measured', (await run.evaluate({ split: 'validation' })).examples);
  process.exit(1);
}
`;
const environment = { ...process.env, NODE_OPTIONS: '' };

it('Ctrl-C ends after the step, with a checkpoint and an exit code', async () => {
  const directory = join(scratch, 'run');
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, directory, '100000'], { cwd: root, env: environment });
  let output = '';
  let asked = false;
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
    // Once: the second Ctrl-C would end the program at once.
    if (!asked && output.includes('\n10\n')) asked = child.kill('SIGINT');
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  const [, steps = ''] = /interrupted (\d+)/.exec(output) ?? [];
  expect(code).toBe(130);
  expect(readdirSync(directory)).toEqual([`step-${steps.padStart(9, '0')}.safetensors`]);
});

it('a disk that takes no more is one sentence and an exit code, and leaves no half file', () => {
  const directory = join(scratch, 'run');
  // The kernel refuses to write more than one block to a file.
  const script = `ulimit -f 1; exec "$0" --input-type=module -e "$1" "$2" 1`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, program, directory], { cwd: root, env: environment, encoding: 'utf8', timeout: 60_000 });
  expect(stdout).toMatch(/the checkpoint .*step-000000006\.safetensors could not be written \(EFBIG.*\): free some space; training goes on and tries again at the next one/);
  expect(stderr).toMatch(/^training ended but its last checkpoint .* could not be written \(EFBIG.*\): the run still holds the weights, export them elsewhere\n$/);
  expect(status).toBe(1);
  // The weights outlive the disk.
  expect(stdout).toMatch(/^measured \d+$/m);
  expect(readdirSync(directory)).toEqual([]);
});
