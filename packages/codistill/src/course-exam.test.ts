// The feedback step against its closed form, and what it leaves alone.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Batch, type Named, type Program, cnn, courseExam, createPipeline, crossEntropy, defineModel, defineProgram, defineView, initialise, kd, network, sgd, snapshot, trainer,
} from './index.ts';
import { blobs } from '@codistill/testkit';
import { decodeCheckpoint } from '@codistill/trainer';
import * as tf from '@tensorflow/tfjs';

const compose = createPipeline(trainer({ backend: process.env['CODISTILL_TEST_BACKEND'] ?? 'wasm' }));

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'codistill-course-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

type Weights = Named<Float32Array>;

/** The weights after the last step. */
const trained = async (run: { fit(options: object): Promise<unknown>; dispose(): void }): Promise<Weights> => {
  let last: Weights = {};
  rmSync(directory, { recursive: true, force: true });
  await run.fit({
    epochs: 1,
    seed: 3,
    evaluateEvery: 0,
    checkpoints: { directory },
    listeners: [
      {
        name: 'reader',
        on: (event: { type: string; path?: string }) => {
          if (event.type !== 'checkpoint') return;
          const checkpoint = decodeCheckpoint(readFileSync(event.path ?? ''));
          if (typeof checkpoint === 'string') throw new Error(checkpoint);
          last = Object.fromEntries(Object.entries(checkpoint.arrays).map(([name, { values }]) => [name, Float32Array.from(values)]));
        },
      },
    ],
  });
  run.dispose();
  return last;
};

const of = (weights: Weights, node: string, kind = 'parameter'): Weights =>
  Object.fromEntries(Object.entries(weights).flatMap(([name, values]) => (name.startsWith(`node/${node}/${kind}/`) ? [[name.slice(`node/${node}/${kind}/`.length), values]] : [])));

const linear = defineModel({
  name: 'linear',
  emits: ['logits'],
  build: ({ input, classes }, key) => {
    const x = tf.input({ shape: [...input] });
    const logits = tf.layers.dense({ units: classes, name: 'logits', kernelInitializer: 'zeros' }).apply(x) as tf.SymbolicTensor;
    const layers = tf.model({ inputs: x, outputs: logits });
    initialise(layers, key);
    return network(layers, { logits });
  },
});

type Matrix = readonly (readonly number[])[];
const softmax = (z: readonly number[]): number[] => {
  const odds = z.map((x) => Math.exp(x - Math.max(...z)));
  const sum = odds.reduce((total, x) => total + x, 0);
  return odds.map((x) => x / sum);
};
/** A linear classifier as one matrix: the last row is the bias, the last feature 1. */
const matrix = (own: Weights): Matrix => {
  const [kernel, bias] = [own['logits/kernel'] ?? [], own['logits/bias'] ?? []];
  const rows = Array.from({ length: 4 }, (_, row) => [...kernel.slice(3 * row, 3 * row + 3)]);
  return [...rows, [...bias]];
};
const times = (x: readonly number[], w: Matrix): number[] => [0, 1, 2].map((c) => x.reduce((sum, value, row) => sum + value * (w[row]?.[c] ?? NaN), 0));
/** Xᵀ E / B. */
const outer = (x: Matrix, errors: Matrix): Matrix => Array.from({ length: 5 }, (_, row) => [0, 1, 2].map((c) => x.reduce((sum, features, b) => sum + (features[row] ?? NaN) * (errors[b]?.[c] ?? NaN), 0) / x.length));
const added = (a: Matrix, b: Matrix, scale: number): Matrix => a.map((row, i) => row.map((x, j) => x + scale * (b[i]?.[j] ?? NaN)));
const minus = (a: readonly number[], b: readonly number[], scale = 1): number[] => a.map((x, i) => scale * (x - (b[i] ?? NaN)));
const size = (a: Matrix): number => Math.sqrt(a.flat().reduce((sum, x) => sum + x * x, 0));

describe('courseExam', () => {
  it.each([0, 0.7])('moves the teacher by the exact second-order gradient of a linear net, labels at %d', async (weightOfLabels) => {
    const data = blobs({ classes: 3, input: [4], examples: 10, batch: 10 });
    let batch: Batch | undefined;
    const watched = defineView({ name: 'watched' }, (seen) => (batch ??= seen));
    const [τ, η, ηTeacher] = [2, 0.5, 0.3];
    const run = await compose(data)
      .teacher(linear)
      .students({ s: linear })
      .node('t0', snapshot({ of: 'teacher' }))
      .node('s0', snapshot({ of: 's' }))
      .views({ teacher: watched, s: watched })
      .supervise(crossEntropy())
      .distill(kd({ temperature: τ }))
      .program(courseExam({ weightOfLabels }))
      .optimize({ teacher: sgd({ lr: ηTeacher }), s: sgd({ lr: η }) })
      .build();
    batch = undefined;
    const after = await trained(run);
    const [t0, s0] = [matrix(of(after, 't0')), matrix(of(after, 's0'))];
    const values = (batch as unknown as Batch).input.values;
    const rows: Matrix = Array.from({ length: 10 }, (_, b) => [...values.slice(4 * b, 4 * b + 4), 1]);
    const labels: Matrix = Array.from({ length: 10 }, (_, b) => [...((batch as unknown as Batch).labels['class']?.values.slice(3 * b, 3 * b + 3) ?? [])]);
    const [[x1, y1], [x2, y2]] = [[rows.slice(0, 5), labels.slice(0, 5)], [rows.slice(5), labels.slice(5)]] as [[Matrix, Matrix], [Matrix, Matrix]];

    const at = (x: readonly number[], w: Matrix, temperature = 1): number[] => softmax(times(x, w).map((z) => z / temperature));
    // ∇_S of cross-entropy is Xᵀ(p − y)/B, that of τ² KL is Xᵀ τ (p_S − p_T)/B at τ.
    const course = added(outer(x1, x1.map((x, b) => minus(at(x, s0), y1[b] ?? []))), outer(x1, x1.map((x) => minus(at(x, s0, τ), at(x, t0, τ), τ))), 1);
    const s1 = added(s0, course, -η);
    const exam = outer(x2, x2.map((x, b) => minus(at(x, s1), y2[b] ?? [])));
    // ∇_T ⟨∇_S L, g⟩ = −Xᵀ ( p_T ⊙ (d − ⟨p_T, d⟩) )/B with d = X g: the temperature cancels.
    const heard = outer(x1, x1.map((x) => {
      const [p, d] = [at(x, t0, τ), times(x, exam)];
      const mean = p.reduce((sum, one, c) => sum + one * (d[c] ?? NaN), 0);
      return p.map((one, c) => η * one * ((d[c] ?? NaN) - mean));
    }));
    const own = outer(x1, x1.map((x, b) => minus(at(x, t0), y1[b] ?? [])));

    const found = (node: string, from: Matrix, lr: number): Matrix => added(from, matrix(of(after, node)), -1).map((row) => row.map((x) => x / lr));
    const exact = added(heard, own, weightOfLabels);
    expect(size(added(found('s', s0, η), course, -1))).toBeLessThan(1e-5 * size(course));
    expect(size(heard)).toBeGreaterThan(1e-2);
    expect(size(added(found('teacher', t0, ηTeacher), exact, -1))).toBeLessThan(2e-3 * size(heard));
  });

  it('lets moving statistics move in the course alone, by its half of the batch', async () => {
    const data = blobs({ classes: 3, input: [4, 4, 1], examples: 8, batch: 8 });
    const net = cnn({ channels: [3], dropout: 0.3 });
    const chain = compose(data).teacher(net).students({ s: net }).supervise(crossEntropy()).distill(kd({ temperature: 2 })).optimize(sgd({ lr: 0.1, momentum: 0.9 }));
    const course = (program: Program): Promise<Weights> => chain.program(program).build().then(trained);
    const first = await course(defineProgram({ name: 'first', step: ({ gradients, apply }) => apply(gradients({ part: [0, 2] })) }));
    const both = await course(courseExam());
    for (const node of ['teacher', 's']) expect(of(both, node, 'buffer')).toEqual(of(first, node, 'buffer'));
    // What the course teaches the student it keeps, slots included; the teacher goes elsewhere.
    for (const kind of ['parameter', 'slot']) expect(of(both, 's', kind)).toEqual(of(first, 's', kind));
    expect(of(both, 'teacher')).not.toEqual(of(first, 'teacher'));
  });

  it('takes the exam of a phase of its own, and another step size, if told', async () => {
    const data = blobs({ classes: 3, input: [4], examples: 10, batch: 10 });
    const chain = compose(data).teacher(linear).students({ s: linear }).supervise(crossEntropy()).distill(kd()).optimize(sgd({ lr: 0.1 }));
    const usual = await chain.program(courseExam()).build().then(trained);
    const same = await chain.supervise(crossEntropy(), { to: 's', phase: 'exam' }).program(courseExam({ phase: 'exam', stepSize: 0.1 })).build().then(trained);
    expect(of(same, 'teacher')).toEqual(of(usual, 'teacher'));
    const longer = await chain.program(courseExam({ stepSize: 0.4 })).build().then(trained);
    expect(of(longer, 's')).toEqual(of(usual, 's'));
    expect(of(longer, 'teacher')).not.toEqual(of(usual, 'teacher'));
  });

  it('says what is missing for an exam', async () => {
    const data = blobs({ classes: 3, input: [4], examples: 10, batch: 10 });
    const chain = compose(data).teacher(linear).students({ s: linear }).supervise(crossEntropy(), { to: 'teacher' }).distill(kd()).optimize(sgd({ lr: 0.1 }));
    const unexamined = await chain.program(courseExam()).build();
    await expect(unexamined.fit({ epochs: 1 })).rejects.toThrow('courseExam: there is no loss for the exam: supervise a student.');
    unexamined.dispose();
  });

  it('is the joint step where nobody listens', async () => {
    const data = blobs({ classes: 3, input: [4], examples: 10, batch: 10 });
    const chain = compose(data).teacher(linear, { frozen: true }).students({ s: linear }).supervise(crossEntropy()).distill(kd()).optimize(sgd({ lr: 0.1 }));
    expect(await chain.program(courseExam()).build().then(trained)).toEqual(await chain.build().then(trained));
  });
});
