import { defineSchedule, type Schedule } from '@codistill/core';
import { type ScheduleLawOptions, scheduleLaws, testSchedule } from './test-schedule.ts';

const halves = defineSchedule({ name: 'halves' }, ({ epoch }) => 0.5 ** Math.floor(epoch));

testSchedule(halves, { between: [0, 1], goes: 'down' });
testSchedule(defineSchedule({ name: 'steps' }, ({ step }) => step), { lengthIn: 'steps', goes: 'up' });

/** The sentences of the laws that a schedule breaks. */
const broken = (schedule: Schedule, options: ScheduleLawOptions = {}): string[] =>
  scheduleLaws(schedule, options).flatMap((law) => {
    try {
      void law.check();
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  });

describe('a schedule that breaks a law', () => {
  it.each<[string, Schedule, ScheduleLawOptions, RegExp]>([
    ['of JSON', defineSchedule({ name: 'lost', options: { at: NaN } }, () => 1), {}, /^schedule 'lost' has an option 'at' that JSON cannot hold: use numbers, texts, lists and parts\.$/],
    ['of JSON, by a function', defineSchedule({ name: 'lost', options: { at: (() => 1) as never } }, () => 1), {}, /^schedule 'lost' has an option 'at' that JSON cannot hold/],
    ['of finiteness', defineSchedule({ name: 'pole' }, ({ step, steps }) => 1 / (steps - step)), { lengthIn: 'steps' }, /^schedule 'pole' is Infinity at step 1 of 1 \(epoch 1 of 1\)\.$/],
    ['of epochs', defineSchedule({ name: 'counts' }, ({ step }) => step), {}, /^schedule 'counts' is 2 at step 2 of 60 \(epoch 1 of 30\) but 500 at step 500 of 15000 \(epoch 1 of 30\): count in epochs, or declare lengthIn: 'steps'\.$/],
    ['of steps', halves, { lengthIn: 'steps' }, /^schedule 'halves' is 1 at step 2 of 60 \(epoch .*\) but 0.5 at step 2 of 60 \(epoch 1 of 30\): count in steps, or declare lengthIn: 'epochs'\.$/],
    ['of bounds', halves, { between: [0.3, 1] }, /^schedule 'halves' is 0.25 at step 2 of 5 \(epoch 2 of 5\)\.$/],
    ['of direction', halves, { goes: 'up' }, /^schedule 'halves' goes from 1 to 0.5 at step 1 of 1 \(epoch 1 of 1\)\.$/],
  ])('%s is told so', (_, schedule, options, sentence) => {
    expect(broken(schedule, options)).toEqual([expect.stringMatching(sentence)]);
  });

  it('of purity is told so', () => {
    let calls = 0;
    expect(broken(defineSchedule({ name: 'counter' }, () => calls++))[0]).toMatch(/^schedule 'counter' gave \d+ and then \d+ at step 0 of 1 \(epoch 0 of 1\): it must be pure, without memory\.$/);
    expect(broken(defineSchedule({ name: 'writer' }, (progress) => ((progress as { step: number }).step = 0)))).toContainEqual(expect.stringMatching(/read only/));
  });
});
