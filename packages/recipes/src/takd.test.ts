import type { Run } from '@codistill/core';
import { cnn } from '@codistill/models';
import { sgd } from '@codistill/optimizers';
import { testOn } from '@codistill/testkit';
import { expectTypeOf } from 'expect-type';
import { begin, data, of, train } from '../fixtures/trained.ts';
import { takd } from './index.ts';

testOn('cpu');

const options = {
  teacher: cnn({ channels: [4, 6] }),
  assistant: cnn({ channels: [4, 5] }),
  student: cnn({ channels: [3, 4] }),
  epochs: { teacher: 1, assistant: 1, student: 1 },
  optimizer: sgd({ lr: 0.1, momentum: 0.9, weightDecay: 0.01 }),
};

it('one learns, and the others rest', async () => {
  const { after } = await train(await takd(begin(), options).build());
  const [first, second, third] = [1, 2, 3].map((stage) => after.get(stage * data.train.batches));
  const resting = { assistant: [after.get(1), first], student: [after.get(1), second] };
  for (const [node, [before, still]] of Object.entries(resting)) expect(of(still, node)).toEqual(of(before, node));
  for (const kind of ['parameter', 'buffer']) {
    expect(of(third, 'teacher', kind)).toEqual(of(first, 'teacher', kind));
    expect(of(third, 'assistant', kind)).toEqual(of(second, 'assistant', kind));
  }
});

it('the student hears the assistant, and the assistant the teacher', async () => {
  const heard = takd(begin(), options).spec().edges.flatMap(({ from, to, when }) => (from === 'labels' ? [] : [`${from} -> ${to} in ${when.join()}`]));
  expect(heard).toEqual(['teacher -> assistant in assistant', 'assistant -> student in student']);
  const [taught, alone] = [await train(await takd(begin(), options).build()), await train(await takd(begin(), { ...options, weight: 0 }).build())];
  expect(of(taught.weights, 'teacher')).toEqual(of(alone.weights, 'teacher'));
  for (const node of ['assistant', 'student']) expect(of(taught.weights, node)).not.toEqual(of(alone.weights, node));
  expectTypeOf(takd(begin(), options).build).returns.resolves.toEqualTypeOf<Run<'teacher' | 'assistant' | 'student'>>();
});
