import { type Run, scheduledAt } from '@codistill/core';
import { crossEntropy } from '@codistill/losses';
import { cnn } from '@codistill/models';
import { sgd } from '@codistill/optimizers';
import { testOn } from '@codistill/testkit';
import { expectTypeOf } from 'expect-type';
import { begin, data, graphOf, of, train, type Weights } from '../fixtures/trained.ts';
import { iakd, type IakdOptions } from './index.ts';

testOn('cpu');

const options = {
  teacher: cnn({ channels: [3, 4], kernelSize: 5 }),
  student: cnn({ channels: [3, 4] }),
  at: ['block1', 'block2'] as const,
  epochs: { teacher: 1, student: 2 },
  optimizer: sgd({ lr: 0.1, momentum: 0.9, weightDecay: 1e-3 }),
};
const { student, optimizer } = options;
const perEpoch = data.train.batches;
const schedules = ['uniform', 'growth', 'review'] as const;

it.each(schedules)('keeping all of its own blocks, a student learns as it would alone, bit for bit: %s', async (schedule) => {
  const kept = await train(await iakd(begin(), { ...options, epochs: { teacher: 0, student: 2 }, schedule, keep: 1 }).build());
  const plain = await train(await begin().students({ student }).supervise(crossEntropy()).optimize(optimizer).build());
  for (const kind of ['parameter', 'buffer', 'slot']) {
    expect(Object.keys(of(kept.weights, 'student', kind)).length).toBeGreaterThan(0);
    expect(of(kept.weights, 'student', kind)).toEqual(of(plain.weights, 'student', kind));
  }
});

it.each([
  // From epoch 2 on, for 4 epochs; worked out by hand: ½ + ½ e/E.
  ['uniform', [0.5, 0.5, 0.5, 0.5, 0.5]],
  ['growth', [0.5, 0.625, 0.75, 0.875, 1]],
  ['review', [0.5, 0.75, 0.5, 0.75, 1]],
] as const)('the probability of its own blocks, by the end of the run: %s', async (schedule, expected) => {
  const { derived } = await graphOf((chain) => iakd(chain, { ...options, epochs: { teacher: 2, student: 4 }, schedule }));
  const probability = derived['hybrid']?.scalars['probability'] ?? NaN;
  const at = (epoch: number): number => scheduledAt(probability, { step: epoch * 10, epoch, steps: 60, epochs: 6 });
  expected.forEach((p, index) => expect(at(2 + index)).toBeCloseTo(p, 6));
});

it('the teacher learns first, and then rests; its blocks stand in for the student\'s', async () => {
  const { after, weights } = await train(await iakd(begin(), { ...options, optimizer: sgd({ lr: 0.1 }), schedule: 'uniform', keep: 0 }).build());
  const taught = after.get(perEpoch);
  const classifier = (all: Weights, its: boolean): Weights => Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith('logits/') === its));
  for (const kind of ['parameter', 'buffer']) expect(of(weights, 'teacher', kind)).toEqual(of(taught, 'teacher', kind));
  expect(of(taught, 'student')).toEqual(of(after.get(1), 'student'));
  // Nothing of its own is ever used but the classifier, which learns on the teacher's maps.
  expect(classifier(of(weights, 'student'), false)).toEqual(classifier(of(taught, 'student'), false));
  expect(classifier(of(weights, 'student'), true)).not.toEqual(classifier(of(taught, 'student'), true));
  expect(of(weights, 'student', 'buffer')).toEqual(of(taught, 'student', 'buffer'));
});

it('cross-entropy of the hybrid is the only loss, unless the teacher\'s output is asked for', async () => {
  const losses = (knobs: Partial<IakdOptions>) => iakd(begin(), { ...options, epochs: { teacher: 0, student: 1 }, ...knobs }).spec().edges.map(({ id }) => id);
  expect(losses({})).toEqual(['labels-crossEntropy-hybrid']);
  expect(losses({ output: 1 })).toEqual(['labels-crossEntropy-hybrid', 'teacher-kd-hybrid']);
  const trained = async (output: number) => (await train(await iakd(begin(), { ...options, output }).build())).weights;
  expect(of(await trained(1), 'student')).not.toEqual(of(await trained(0), 'student'));
});

it('refuses what cannot be, and knows its nodes by name', () => {
  expect(() => iakd(begin(), { ...options, keep: 1.5 })).toThrow('iakd: keep must be from 0 to 1, not 1.5.');
  expect(() => iakd(begin(), { ...options, schedule: 'review', reviews: 0 })).toThrow('iakd: reviews must be an integer of at least 1, not 0.');
  expectTypeOf(iakd(begin(), options).build).returns.resolves.toEqualTypeOf<Run<'teacher' | 'student' | 'hybrid'>>();
});
