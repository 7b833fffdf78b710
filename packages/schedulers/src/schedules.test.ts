import { readFileSync } from 'node:fs';
import { describe as describePart, type Progress, type Schedule } from '@codistill/core';
import { testSchedule } from '@codistill/testkit';
import * as all from './index.ts';
import { constant, cosine, cosineRestarts, exponential, join, linear, multistep, oneCycle, polynomial, rampUp, step, times, warmup } from './index.ts';

interface Golden {
  readonly name: string;
  readonly values: readonly number[];
  readonly momentum?: readonly number[];
}
const { schedules: goldens } = JSON.parse(readFileSync(new URL('./schedules.golden.json', import.meta.url), 'utf8')) as { schedules: readonly Golden[] };
const golden = (name: string): Golden => {
  const found = goldens.find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`no golden '${name}'`);
  return found;
};

/** Thirty steps, ten to an epoch. */
const at = (stepNow: number): Progress => ({ step: stepNow, steps: 30, epoch: stepNow / 10, epochs: 3 });

const furthest = (schedule: Schedule, values: readonly number[]): number => Math.max(...values.map((value, t) => Math.abs(schedule(at(t)) - value)));

describe('schedules equal PyTorch', () => {
  it.each<[string, Schedule]>([
    ['constant', constant({ value: 0.1 })],
    ['step', step({ from: 0.1, steps: 10 })],
    ['step', step({ from: 0.1, epochs: 1 })],
    ['multistep', multistep({ from: 0.1, factor: 0.2, steps: [8, 15, 24] })],
    ['multistep', multistep({ from: 0.1, factor: 0.2, epochs: [0.8, 1.5, 2.4] })],
    ['cosine', cosine({ from: 0.1, to: 0.001 })],
    ['cosine', cosine({ from: 0.1, to: 0.001, epochs: 3 })],
    ['cosine_restarts', cosineRestarts({ from: 0.1, to: 0.001, steps: 5, multiplier: 2 })],
    ['cosine_restarts', cosineRestarts({ from: 0.1, to: 0.001, epochs: 0.5, multiplier: 2 })],
    ['polynomial', polynomial({ from: 0.1, power: 0.9, steps: 25 })],
    ['exponential', exponential({ from: 0.1, factor: 0.9, steps: 1 })],
    ['linear_warmup', warmup(0.1, { from: 0.1, steps: 5 })],
    ['linear_warmup', join([linear({ from: 0.01, to: 0.1 }), 0.1], { epochs: [0.5] })],
    ['warmup_cosine', warmup(cosine({ from: 0.1, to: 0.001 }), { from: 0.1, epochs: 0.5 })],
    ['warmup_cosine', join([linear({ from: 0.01, to: 0.1 }), cosine({ from: 0.1, to: 0.001 })], { steps: [5] })],
    ['one_cycle', oneCycle({ peak: 0.1, steps: 29, rise: 8 / 29 })],
    ['sigmoid_rampup', rampUp({ steps: 20 })],
    ['linear_rampup', rampUp({ shape: 'linear', epochs: 2 })],
    ['linear_rampup', linear({ from: 0, to: 1, steps: 20 })],
    ['cosine_rampdown', cosine({ from: 1, steps: 29 })],
    ['theseus_linear', linear({ from: 0.5, to: 1, steps: 25 })],
  ])('%s, or the formula where it has none', (name, schedule) => {
    expect(furthest(schedule, golden(name).values)).toBeLessThan(1e-9);
  });

  it('also in the momentum of one cycle', () => {
    expect(furthest(oneCycle({ from: 0.95, peak: 0.85, to: 0.95, steps: 29, rise: 8 / 29 }), golden('one_cycle').momentum ?? [])).toBeLessThan(1e-9);
  });
});

testSchedule(constant({ value: 0.1 }), { between: [0.1, 0.1] });
testSchedule(linear({ from: 0.5, to: 1 }), { between: [0.5, 1], goes: 'up' });
testSchedule(linear({ from: 0.5, to: 1, steps: 20 }), { lengthIn: 'steps', between: [0.5, 1], goes: 'up' });
testSchedule(step({ from: 0.1, epochs: 10 }), { between: [0, 0.1], goes: 'down' });
testSchedule(step({ from: 0.1, steps: 10 }), { lengthIn: 'steps', between: [0, 0.1], goes: 'down' });
testSchedule(multistep({ from: 0.1, epochs: [10, 20] }), { between: [0.0009, 0.1], goes: 'down' });
testSchedule(exponential({ from: 0.1, factor: 0.9, epochs: 1 }), { between: [0, 0.1], goes: 'down' });
testSchedule(exponential({ from: 0.1, factor: 0.01 }), { between: [0.001, 0.1], goes: 'down' });
testSchedule(polynomial({ from: 0.1, to: 0.01, power: 0.9 }), { between: [0.01, 0.1], goes: 'down' });
testSchedule(cosine({ from: 0.1 }), { between: [0, 0.1], goes: 'down' });
testSchedule(cosine({ from: 0.1, epochs: 10 }), { between: [0, 0.1], goes: 'down' });
testSchedule(cosineRestarts({ from: 0.1, epochs: 3, multiplier: 2 }), { between: [0, 0.1] });
testSchedule(cosineRestarts({ from: 0.1, epochs: 0.1 }), { between: [0, 0.1] });
testSchedule(oneCycle({ peak: 0.1 }), { between: [4e-7, 0.1] });
testSchedule(rampUp(), { between: [0, 1], goes: 'up' });
testSchedule(rampUp({ epochs: 80 }), { between: [0, 1], goes: 'up' });
testSchedule(rampUp({ to: 8, shape: 'linear', steps: 40 }), { lengthIn: 'steps', between: [0, 8], goes: 'up' });
testSchedule(warmup(cosine({ from: 0.1 }), { epochs: 5 }), { between: [0, 0.1] });
testSchedule(warmup(step({ from: 0.1, steps: 10 }), { steps: 5 }), { lengthIn: 'steps', between: [0, 0.1] });
testSchedule(join([rampUp(), 1, cosine({ from: 1 })], { epochs: [5, 10] }), { between: [0, 1] });
testSchedule(times(0.5, rampUp({ epochs: 5 })), { between: [0, 0.5], goes: 'up' });

describe('every schedule of the package', () => {
  const made: readonly Schedule[] = [
    constant({ value: 1 }), linear({ from: 0, to: 1 }), step({ from: 1, epochs: 1 }), multistep({ from: 1, steps: [1] }),
    exponential({ from: 1, factor: 0.5 }), polynomial({ from: 1 }), cosine({ from: 1 }), cosineRestarts({ from: 1, epochs: 1 }),
    oneCycle({ peak: 1 }), rampUp(), warmup(1, { epochs: 1 }), join([0, 1], { epochs: [1] }), times(1, 2),
  ];

  it('is named after the function that makes it', () => {
    expect(made.map(({ name }) => name).sort()).toEqual(Object.keys(all).sort());
    expect(new Set(made.map((schedule) => schedule.package))).toEqual(new Set(['@codistill/schedulers']));
  });

  it('records what it was called with, defaults included, so that equal records are equal schedules', () => {
    expect(made.map((schedule) => describePart(schedule).options)).toEqual([
      { value: 1 },
      { from: 0, to: 1 },
      { from: 1, factor: 0.1, epochs: 1 },
      { from: 1, factor: 0.1, steps: [1] },
      { from: 1, factor: 0.5 },
      { from: 1, to: 0, power: 1 },
      { from: 1, to: 0 },
      { from: 1, to: 0, multiplier: 1, epochs: 1 },
      { peak: 1, from: 0.04, to: 0.000004, rise: 0.3 },
      { to: 1, shape: 'sigmoid' },
      { of: 1, from: 0, epochs: 1 },
      {
        of: [
          { package: '@codistill/schedulers', name: 'constant', options: { value: 0 } },
          { package: '@codistill/schedulers', name: 'constant', options: { value: 1 } },
        ],
        epochs: [1],
      },
      { factor: 1, of: 2 },
    ]);
  });
});
