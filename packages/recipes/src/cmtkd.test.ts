import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Derived, key, type Optimizer, type Run } from '@codistill/core';
import { cnn, lowBit, pretrained, readWeights, toIntegers, writeIntegers } from '@codistill/models';
import { sgd } from '@codistill/optimizers';
import { derivedBench, testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { expectTypeOf } from 'expect-type';
import { begin, data, graphOf, of, train } from '../fixtures/trained.ts';
import { cmtkd } from './index.ts';

testOn('cpu');
// On a busy machine.
import.meta.jest.setTimeout(60_000);

const network = cnn({ channels: [3, 4, 5] });
const options = { network, bits: 2, teacherBits: [4, 8], at: ['block1', 'block2'] as const, optimizer: sgd({ lr: 0.05 }) };

it.each([2, 3])('the exported student holds integers of %i bits, and runs', async (bits) => {
  const directory = mkdtempSync(join(tmpdir(), 'codistill-cmtkd-'));
  const run = await cmtkd(begin(), { ...options, bits }).build();
  await run.fit({ epochs: 2, seed: 3, evaluateEvery: 0 });
  const [batch] = (await data.test?.at(0, key(1), [undefined])) ?? [];
  if (batch === undefined) throw new Error('there is no test batch');
  const expected = await run.predict(batch, 'student');
  const { nodes } = await run.export(directory);
  run.dispose();

  const student = pretrained(lowBit(network, { bits }), await readWeights(nodes['student'] ?? '')).build({ input: data.input, classes: 3 }, key(1));
  const deployed = await toIntegers(student);
  await writeIntegers(deployed, join(directory, 'integers'));
  expect(Object.keys(deployed.kernels)).toHaveLength(2);
  for (const { integers } of Object.values(deployed.kernels)) {
    expect(integers).toBeInstanceOf(Int8Array);
    expect(Math.max(...integers.map(Math.abs))).toBe(2 ** (bits - 1) - 1);
  }
  const written = Object.values(deployed.kernels).reduce((sum, { integers }) => sum + Math.ceil((bits * integers.length) / 8), 0);
  expect(readFileSync(join(directory, 'integers', 'integers.bin'))).toHaveLength(written);
  tf.tidy(() => {
    const [logits] = [deployed.layers.predict(tf.tensor(batch.input.values, [...batch.input.shape]))].flat();
    const found = tf.softmax(logits as tf.Tensor).dataSync();
    expected.forEach((probability, index) => expect(found[index]).toBeCloseTo(probability, 5));
  });
  deployed.layers.dispose();
  student.dispose();
  rmSync(directory, { recursive: true, force: true });
});

it('the target is the least of what teachers together and student say against the label', async () => {
  const { derived } = await graphOf((chain) => cmtkd(chain, options));
  const bench = derivedBench(derived['target'] as Derived, { batch: 3 });
  tf.tidy(() => {
    const [zT, zS] = ['teacher', 'student'].map((name) => (bench.members[name]?.['logits'] as tf.Tensor2D).arraySync()) as [number[][], number[][]];
    // The label of row b is b.
    (bench.read().logits as tf.Tensor2D).arraySync().forEach((z, b) =>
      z.forEach((x, c) => expect(x).toBeCloseTo(Math.min((zT[b]?.[c] ?? NaN) - (zT[b]?.[b] ?? NaN), (zS[b]?.[c] ?? NaN) - (zS[b]?.[b] ?? NaN)), 5)),
    );
  });
  bench.dispose();
});

it('everybody learns at once: the student, teachers of each width, and how these are fused', async () => {
  const { after } = await train(await cmtkd(begin(), options).build());
  const [first, last] = [after.get(1), after.get(2 * data.train.batches)];
  const [before, now] = [of(first, 'teacher'), of(last, 'teacher')];
  for (const name of ['t4_block2_conv1/kernel', 't8_block2_conv1/kernel', 'fusion/block1/embeddings', 'fusion/block2/embeddings']) {
    expect(now[name]).toBeDefined();
    expect([name, now[name]]).not.toEqual([name, before[name]]);
  }
  expect(of(last, 'student')).not.toEqual(of(first, 'student'));
});

it('π has a rate of its own', async () => {
  const once = async (importances?: Optimizer) => (await train(await cmtkd(begin(), { ...options, optimizer: sgd({ lr: 0.05 }), ...(importances && { importances }) }).build(), { epochs: 1 })).after.get(1);
  const start = await once(sgd({ lr: 0 }));
  const [same, tenth] = [await once(), await once(sgd({ lr: 0.005 }))];
  const moved = (checkpoint: typeof start) => Array.from(of(checkpoint, 'teacher')['fusion/block1/embeddings'] ?? []);
  expect(moved(start)).toEqual([0, 0]);
  moved(tenth).forEach((value, index) => expect(value / (moved(same)[index] ?? NaN)).toBeCloseTo(0.1, 5));
  const others = (checkpoint: typeof start) => Object.fromEntries(Object.entries(of(checkpoint, 'teacher')).filter(([name]) => !name.startsWith('fusion/')));
  expect(others(tenth)).toEqual(others(same));
});

it('fusions show the student where to look, and hear nothing of it', async () => {
  const once = async (knobs: object) => (await train(await cmtkd(begin(), { ...options, ...knobs }).build(), { epochs: 1 })).after.get(1);
  const [shown, unseen] = [await once({}), await once({ features: 0 })];
  expect(of(shown, 'teacher')).toEqual(of(unseen, 'teacher'));
  expect(of(shown, 'student')).not.toEqual(of(unseen, 'student'));
});

it('the ensemble teaches both sides', async () => {
  const edges = cmtkd(begin(), options).spec().edges.flatMap(({ from, to, term, weight }) => (from === 'labels' ? [] : [`${from} -${term.name}-> ${to} × ${JSON.stringify(weight)}`]));
  expect(edges).toEqual(['target -kd-> teacher × 0.5', 'target -kd-> student × 0.5', 'fusion -attention-> student × 100', 'fusion -attention-> student × 100']);
  const once = async (knobs: object) => (await train(await cmtkd(begin(), { ...options, ...knobs }).build(), { epochs: 1 })).after.get(1);
  const [taught, alone] = [await once({}), await once({ predictions: 0 })];
  for (const node of ['teacher', 'student']) expect(of(taught, node)).not.toEqual(of(alone, node));
});

it('knows its nodes by name, and refuses teachers that are no wider or all alike', () => {
  expectTypeOf(cmtkd(begin(), options).build).returns.resolves.toEqualTypeOf<Run<'teacher' | 'student' | 'fusion' | 'target'>>();
  for (const teacherBits of [[4], [4, 4], [2, 4]]) expect(() => cmtkd(begin(), { ...options, teacherBits })).toThrow(`cmtkd: teacherBits must be at least two different widths above the student's 2, not '[${teacherBits.join(', ')}]'.`);
});
