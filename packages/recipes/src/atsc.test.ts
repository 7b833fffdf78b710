import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Batch, key, type Run } from '@codistill/core';
import { cnn, pretrained, projected, readWeights } from '@codistill/models';
import { sgd } from '@codistill/optimizers';
import { testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { expectTypeOf } from 'expect-type';
import { begin, data, of, train, type Weights } from '../fixtures/trained.ts';
import { atsc } from './index.ts';

testOn('cpu');
// On a busy machine.
import.meta.jest.setTimeout(60_000);

const student = cnn({ channels: [3, 4] });
const options = {
  teacher: cnn({ channels: [4, 6] }),
  student,
  to: { channels: 6 },
  epochs: { teacher: 0, student: 2 },
  optimizer: sgd({ lr: 0.05 }),
};
const border = data.train.batches;
const classifier = (weights: Weights): Weights => Object.fromEntries(Object.entries(weights).filter(([name]) => name.startsWith('logits/')));
const kernels = (weights: Weights): Weights => Object.fromEntries(Object.entries(weights).filter(([name]) => name.endsWith('/kernel') && !name.startsWith('logits/')));

const testBatch = async (): Promise<Batch> => {
  const [batch] = (await data.test?.at(0, key(1), [undefined])) ?? [];
  if (batch === undefined) throw new Error('there is no test batch');
  return batch;
};

it('is measured by projector and shared classifier, and that is what an export holds', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'codistill-atsc-'));
  const run = await atsc(begin(), options).build();
  await run.fit({ seed: 3, evaluateEvery: 0 });
  const batch = await testBatch();
  const [shared, own] = [await run.predict(batch, 'shared'), await run.predict(batch, 'student')];
  const { nodes } = await run.export(directory);
  run.dispose();
  const [weights, ofTeacher] = [await readWeights(nodes['student'] ?? ''), await readWeights(nodes['teacher'] ?? '')];
  const network = pretrained(projected(student, { from: 'last', to: options.to }), weights).build({ input: data.input, classes: 3 }, key(1));
  tf.tidy(() => {
    const P = network.read(tf.tensor(batch.input.values, [...batch.input.shape]), ['tap:projectedPooled'], { training: false })['tap:projectedPooled'];
    const [W, b] = ['logits/kernel', 'logits/bias'].map((name) => tf.tensor(ofTeacher[name]?.values ?? [], [...(ofTeacher[name]?.shape ?? [])])) as [tf.Tensor, tf.Tensor];
    const expected = tf.softmax(P.matMul(W).add(b)).dataSync();
    shared.forEach((probability, index) => expect(probability).toBeCloseTo(expected[index] ?? NaN, 5));
    expect([...own].some((probability, index) => Math.abs(probability - (shared[index] ?? NaN)) > 1e-2)).toBe(true);
  });
  network.dispose();
  rmSync(directory, { recursive: true, force: true });
});

it('without a label of its own the student comes to more than chance under the shared classifier', async () => {
  const run = await atsc(begin(), { ...options, anchor: 0.1, epochs: { teacher: 15, student: 25 }, optimizer: sgd({ lr: 0.05, momentum: 0.9 }) }).build();
  await run.fit({ seed: 3, evaluateEvery: 0 });
  let right = 0;
  for (let position = 0; position < border; position++) {
    const [batch] = await data.train.at(position, key(1), [undefined]);
    if (batch === undefined) throw new Error('there is no batch');
    const probabilities = await run.predict(batch, 'shared');
    const rowOf = (values: ArrayLike<number>, row: number): number[] => [0, 1, 2].map((c) => values[3 * row + c] ?? NaN);
    batch.ids.forEach((_, row) => {
      const p = rowOf(probabilities, row);
      if (rowOf(batch.labels['class']?.values ?? [], row)[p.indexOf(Math.max(...p))] === 1) right += 1;
    });
  }
  run.dispose();
  expect(right / data.train.examples).toBeGreaterThan(0.7);
});

describe('two updates', () => {
  it('the first moves student, projector and teacher, and the second the teacher’s classifier alone', async () => {
    const { after } = await train(await atsc(begin(), options).build());
    const [one, last] = [after.get(1), after.get(2 * border)];
    const initial = of(one, 'initial');
    // Features, which go both ways.
    expect(kernels(of(one, 'teacher'))).not.toEqual(kernels(initial));
    for (const name of Object.keys(kernels(initial))) expect([name, of(one, 'teacher')[name]]).not.toEqual([name, initial[name]]);
    for (const name of Object.keys(classifier(initial))) expect([name, of(one, 'teacher')[name]]).not.toEqual([name, initial[name]]);
    const [before, now] = [of(one, 'student'), of(last, 'student')];
    for (const name of Object.keys(before)) {
      // Nothing trains the student's own classifier, not even decay.
      if (name.startsWith('logits/')) expect(now[name]).toEqual(before[name]);
      else expect([name, now[name]]).not.toEqual([name, before[name]]);
    }
    expect(of(last, 'initial')).toEqual(initial);
  });

  it('features leave the classifier alone, which labels tune', async () => {
    const without = await train(await atsc(begin(), { ...options, features: 0, anchor: 0, labels: 1 }).build());
    const [first, initial] = [of(without.after.get(1), 'teacher'), of(without.after.get(1), 'initial')];
    expect(kernels(first)).toEqual(kernels(initial));
    expect(classifier(first)).not.toEqual(classifier(initial));
    // The first step's classifier is tuned after features have moved the teacher, by a forward pass of its own.
    const both = await train(await atsc(begin(), options).build());
    expect(classifier(of(both.after.get(1), 'teacher'))).not.toEqual(classifier(first));
  });

  it('literally, labels tune the bias alone, and the anchor holds the classifier’s weights', async () => {
    const literal = atsc(begin(), { ...options, variant: 'literal' });
    expect(literal.spec().edges.find(({ term }) => term.name === 'weightAnchor')?.term.options).toEqual({ except: [] });
    expect(atsc(begin(), options).spec().edges.find(({ term }) => term.name === 'weightAnchor')?.term.options).toEqual({ except: 'head' });
    const { weights } = await train(await literal.build());
    const [now, initial] = [of(weights, 'teacher'), of(weights, 'initial')];
    expect(now['logits/kernel']).toEqual(initial['logits/kernel']);
    expect(now['logits/bias']).not.toEqual(initial['logits/bias']);
    expect(kernels(now)).not.toEqual(kernels(initial));
  });
});

it('the anchor holds the teacher near where it was when teaching began', async () => {
  const far = async (anchor: number): Promise<number> => {
    const { after, weights } = await train(await atsc(begin(), { ...options, anchor, epochs: { teacher: 1, student: 4 } }).build());
    const then = of(after.get(border), 'teacher');
    expect(of(weights, 'initial')).toEqual(then);
    const now = of(weights, 'teacher');
    return Math.hypot(...Object.entries(kernels(then)).flatMap(([name, values]) => [...values].map((x, i) => x - (now[name]?.[i] ?? NaN))));
  };
  expect(await far(5)).toBeLessThan(0.7 * (await far(0)));
});

it('knows its nodes by name', () => {
  expectTypeOf(atsc(begin(), options).build).returns.resolves.toEqualTypeOf<Run<'teacher' | 'student' | 'initial' | 'projection' | 'shared'>>();
});
