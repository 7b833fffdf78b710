import type { Run } from '@codistill/core';
import { crossEntropy } from '@codistill/losses';
import { cnn } from '@codistill/models';
import { sgd } from '@codistill/optimizers';
import { testOn } from '@codistill/testkit';
import { expectTypeOf } from 'expect-type';
import { begin, of, train } from '../fixtures/trained.ts';
import { meanTeacher } from './index.ts';

testOn('cpu');

const student = cnn({ channels: [3, 4] });
const optimizer = sgd({ lr: 0.1 });

it('the mean lags behind the student, whom it teaches', async () => {
  const taught = await train(await meanTeacher(begin(), { student, decay: 0.5, weight: 1, optimizer }).build());
  const silent = await train(await meanTeacher(begin(), { student, decay: 0.5, weight: 0, optimizer }).build());
  const plain = await train(await begin().students({ student }).supervise(crossEntropy()).optimize(optimizer).build());
  expect(of(silent.weights, 'student')).toEqual(of(plain.weights, 'student'));
  expect(of(taught.weights, 'student')).not.toEqual(of(plain.weights, 'student'));
  // After the first step φ = 0, after the second ½: halfway between the two.
  expect(of(taught.after.get(1), 'mean')).toEqual(of(taught.after.get(1), 'student'));
  const [mean, before, now] = [of(taught.after.get(2), 'mean'), of(taught.after.get(1), 'student'), of(taught.after.get(2), 'student')];
  for (const [name, values] of Object.entries(mean)) {
    values.forEach((x, i) => expect(x).toBeCloseTo(((before[name]?.[i] ?? NaN) + (now[name]?.[i] ?? NaN)) / 2, 6));
  }
});

it('knows its nodes by name', () => {
  expectTypeOf(meanTeacher(begin(), { student }).build).returns.resolves.toEqualTypeOf<Run<'student' | 'mean'>>();
});
