import type { Run } from '@codistill/core';
import { cnn } from '@codistill/models';
import { sgd } from '@codistill/optimizers';
import { testOn } from '@codistill/testkit';
import { expectTypeOf } from 'expect-type';
import { begin, data, of, train } from '../fixtures/trained.ts';
import { skt } from './index.ts';

testOn('cpu');

const options = {
  teacher: cnn({ channels: [4, 6] }),
  student: cnn({ channels: [2, 3] }),
  at: ['block1', 'block2'] as const,
  optimizer: sgd({ lr: 0.01, momentum: 0.9 }),
};

it('the teacher learns first, and then rests', async () => {
  const { after, weights } = await train(await skt(begin(), { ...options, epochs: { teacher: 1, student: 1 } }).build());
  const taught = after.get(data.train.batches);
  expect(of(taught, 'student')).toEqual(of(after.get(1), 'student'));
  for (const kind of ['parameter', 'buffer']) expect(of(weights, 'teacher', kind)).toEqual(of(taught, 'teacher', kind));
  expect(of(weights, 'student')).not.toEqual(of(taught, 'student'));
});

it('a teacher that has learnt before is frozen', () => {
  const { nodes, stages, edges } = skt(begin(), { ...options, epochs: { teacher: 0, student: 1 } }).spec();
  expect(nodes.map(({ name, frozen }) => [name, frozen])).toEqual([['teacher', true], ['student', false]]);
  expect(stages.map(({ name }) => name)).toEqual(['teaching']);
  expect(edges.map(({ id }) => id)).toEqual(['labels-crossEntropy-student', 'teacher-kd-student', 'teacher-skt-student']);
});

it.each(['intra', 'inter'] as const)('structure %s layers reaches the student', async (part) => {
  const trained = async (knobs: object) => (await train(await skt(begin(), { ...options, epochs: { teacher: 0, student: 1 }, output: 0, ...knobs }).build())).weights;
  expect(of(await trained({ intra: 0, inter: 0, [part]: 0.5 }), 'student')).not.toEqual(of(await trained({ intra: 0, inter: 0 }), 'student'));
});

it('knows its nodes by name', () => {
  expectTypeOf(skt(begin(), { ...options, epochs: { teacher: 1, student: 1 } }).build).returns.resolves.toEqualTypeOf<Run<'teacher' | 'student'>>();
});
