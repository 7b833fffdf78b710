import type { Run } from '@codistill/core';
import { cnn } from '@codistill/models';
import { sgd } from '@codistill/optimizers';
import { testOn } from '@codistill/testkit';
import { expectTypeOf } from 'expect-type';
import { begin, of, train } from '../fixtures/trained.ts';
import { one } from './index.ts';

testOn('cpu');

const network = cnn({ channels: [3, 4] });
const options = { network, peers: ['a', 'b'], from: 'block1', optimizer: sgd({ lr: 0.1 }) } as const;

it('the gate learns from cross-entropy of what it mixes, and not from those it teaches', async () => {
  const [taught, silent] = [await train(await one(begin(), { ...options, weight: 1 }).build()), await train(await one(begin(), { ...options, weight: 0 }).build())];
  // One step from the same weights: the branches heard the ensemble, and the gate nothing of it.
  expect(of(taught.after.get(1), 'teacher')).toEqual(of(silent.after.get(1), 'teacher'));
  expect(of(taught.after.get(1), 'net')).not.toEqual(of(silent.after.get(1), 'net'));
  const [now, then] = [of(taught.after.get(2), 'teacher'), of(taught.after.get(1), 'teacher')];
  for (const name of ['kernel', 'gamma']) expect(now[name]).not.toEqual(then[name]);
});

it('everybody is supervised, and the ensemble teaches its branches', () => {
  const { peers: _, ...three } = options;
  const { edges } = one(begin(), three).spec();
  expect(edges.map(({ id }) => id)).toEqual([...['p1', 'p2', 'p3', 'teacher'].map((node) => `labels-crossEntropy-${node}`), ...['p1', 'p2', 'p3'].map((peer) => `teacher-kd-${peer}`)]);
  expect(edges.every(({ gradient }) => gradient === 'to')).toBe(true);
});

it('is one network up to the fork, whose features the gate reads', async () => {
  const run = await one(begin(), options).build();
  expect(run.spec.nodes.find(({ name }) => name === 'teacher')?.part.options).toEqual({ of: ['a', 'b'], by: 'net', at: 'block1' });
  const { weights } = await train(run);
  const kernels = Object.keys(of(weights, 'net')).filter((name) => name.endsWith('conv1/kernel'));
  expect(kernels).toEqual(['block1_conv1/kernel', 'a_block2_conv1/kernel', 'b_block2_conv1/kernel']);
  // As wide as the features, as many as the branches.
  expect(of(weights, 'teacher')['kernel']).toHaveLength(3 * 2);
});

it('refuses a single branch, and knows its nodes by name', () => {
  expect(() => one(begin(), { ...options, peers: ['a'] })).toThrow('gated: ');
  expectTypeOf(one(begin(), options).build).returns.resolves.toEqualTypeOf<Run<'net' | 'a' | 'b' | 'teacher'>>();
  const { peers: _, ...three } = options;
  expectTypeOf(one(begin(), three).build).returns.resolves.toEqualTypeOf<Run<'net' | 'p1' | 'p2' | 'p3' | 'teacher'>>();
});
