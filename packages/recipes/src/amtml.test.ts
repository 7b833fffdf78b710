import type { Derived, Run } from '@codistill/core';
import { cnn } from '@codistill/models';
import { sgd } from '@codistill/optimizers';
import { derivedBench, testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { expectTypeOf } from 'expect-type';
import { begin, data, graphOf, of, train } from '../fixtures/trained.ts';
import { amtml } from './index.ts';

testOn('cpu');
// On a busy machine.
import.meta.jest.setTimeout(60_000);

const options = {
  teachers: { t1: cnn({ channels: [4, 6] }), t2: cnn({ channels: [4, 5] }) },
  student: cnn({ channels: [3, 4] }),
  hints: { t1: 'block1', t2: 'block2' },
  epochs: { teachers: 1, adapter: 1, student: 1 },
  optimizer: sgd({ lr: 0.05, momentum: 0.9 }),
} as const;
const border = data.train.batches;

it('weighs the teachers anew for each example, by weights of sum 1, and mixes their probabilities', async () => {
  const { derived } = await graphOf((chain) => amtml(chain, options));
  const bench = derivedBench(derived['mix'] as Derived, { shapes: { 'tap:last': [2, 2, 4] }, batch: 4 });
  tf.tidy(() => {
    const { logits, 'tap:weights': weights } = bench.read() as unknown as Record<'logits' | 'tap:weights', tf.Tensor2D>;
    const rows = weights.arraySync();
    expect(rows.map((row) => row.length)).toEqual([2, 2, 2, 2]);
    for (const row of rows) expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 6);
    expect(new Set(rows.map(([first = NaN]) => first.toFixed(4))).size).toBe(4);
    const q = tf.softmax(logits.div<tf.Tensor2D>(5)).arraySync();
    const [p1, p2] = ['t1', 't2'].map((name) => tf.softmax((bench.members[name]?.['logits'] as tf.Tensor).div(5)).arraySync()) as [number[][], number[][]];
    q.forEach((row, b) => row.forEach((x, c) => expect(x).toBeCloseTo((rows[b]?.[0] ?? NaN) * (p1[b]?.[c] ?? NaN) + (rows[b]?.[1] ?? NaN) * (p2[b]?.[c] ?? NaN), 5)));
  });
  bench.dispose();
});

it('teachers learn first, then the weights of them with the student, then the student alone', async () => {
  const { after } = await train(await amtml(begin(), options).build());
  const [first, taught, weighed, last] = [after.get(1), after.get(border), after.get(2 * border), after.get(3 * border)];
  expect(of(taught, 't1')).not.toEqual(of(first, 't1'));
  for (const node of ['mix', 'student']) expect(of(taught, node)).toEqual(of(first, node));
  for (const name of ['latent', 'W']) expect(of(weighed, 'mix')[name]).not.toEqual(of(taught, 'mix')[name]);
  expect(of(weighed, 'student')).not.toEqual(of(taught, 'student'));
  expect(of(last, 'student')).not.toEqual(of(weighed, 'student'));
  expect(of(last, 'mix')).toEqual(of(weighed, 'mix'));
  for (const kind of ['parameter', 'buffer']) for (const teacher of ['t1', 't2']) expect(of(last, teacher, kind)).toEqual(of(taught, teacher, kind));
});

it('teachers that have learnt before are frozen', async () => {
  const composed = amtml(begin(), { ...options, epochs: { ...options.epochs, teachers: 0 } });
  const { nodes, stages } = composed.spec();
  expect(nodes.map(({ name, frozen }) => [name, frozen])).toEqual([['t1', true], ['t2', true], ['student', false], ['mix', false]]);
  expect(stages.map(({ name }) => name)).toEqual(['adapter', 'student']);
  const { after } = await train(await composed.build());
  for (const teacher of ['t1', 't2']) expect(of(after.get(2 * border), teacher)).toEqual(of(after.get(1), teacher));
});

it('each teacher gives its own hint, while the weights learn', () => {
  const hints = amtml(begin(), options).spec().edges.flatMap(({ from, to, term, when }) => (term.name === 'hint' ? [`${from} -> ${to} at ${JSON.stringify(term.options['at'])} in ${when.join()}`] : []));
  expect(hints).toEqual(['t1 -> student at "block1" in adapter', 't2 -> student at "block2" in adapter']);
});

it('a weight of 0 leaves a loss out, and each matters', async () => {
  const epochs = { teachers: 0, adapter: 1, student: 1 };
  const all = amtml(begin(), { ...options, epochs });
  const heard = await train(await all.build());
  for (const [knob, edges] of Object.entries({ predictions: 1, angles: 1, distances: 1, hintWeight: 2, labels: 1 })) {
    const without = amtml(begin(), { ...options, epochs, [knob]: 0 });
    expect([knob, all.spec().edges.length - without.spec().edges.length]).toEqual([knob, edges]);
    expect([knob, of((await train(await without.build())).weights, 'student')]).not.toEqual([knob, of(heard.weights, 'student')]);
  }
});

it('knows its nodes by name', () => {
  expectTypeOf(amtml(begin(), options).build).returns.resolves.toEqualTypeOf<Run<'t1' | 't2' | 'student' | 'mix'>>();
});
