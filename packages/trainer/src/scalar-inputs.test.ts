import { type Graph, type Schedule, defineSchedule } from '@codistill/core';
import { scalarInputs } from './scalar-inputs.ts';

const start = { step: 0, steps: 10, epoch: 0, epochs: 1 };
const mine = (value: number): Schedule => defineSchedule({ name: 'mine' }, () => value);
const published = (value: number): Schedule => defineSchedule({ package: '@acme/schedules', name: 'fixed', options: { value } }, () => value);
const half = (inner: Schedule): Schedule => defineSchedule({ package: '@acme/schedules', name: 'half', options: { inner } }, (progress) => inner(progress) / 2);
const inputsOf = (...weights: readonly (number | Schedule)[]): ReturnType<typeof scalarInputs> =>
  scalarInputs({ edges: weights.map((weight) => ({ weight, term: { scalars: {} } })), optimizers: {}, derived: {}, copies: {}, program: { scalars: {} } } as unknown as Graph);

describe('the numbers of a graph', () => {
  it('are one input where they are described alike', () => {
    const [a, b] = [published(3), published(3)];
    const inputs = inputsOf(0.5, a, b, 0.5);
    expect(inputs.nameOf(a)).toBe(inputs.nameOf(b));
    expect(Object.values(inputs.at(start))).toEqual([0.5, 3]);
  });

  it('stay apart where a local schedule is in them, however deep: its description does not say what it does', () => {
    const [a, b] = [half(mine(2)), half(mine(6))];
    const inputs = inputsOf(a, b, mine(7), mine(8));
    expect(inputs.nameOf(a)).not.toBe(inputs.nameOf(b));
    expect(Object.values(inputs.at(start))).toEqual([1, 3, 7, 8]);
  });
});
