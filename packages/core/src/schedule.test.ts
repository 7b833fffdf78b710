import { defineSchedule, scheduledAt } from './schedule.ts';

const start = { step: 0, steps: 10, epoch: 0, epochs: 1 };
const halves = defineSchedule({ name: 'halves', options: { of: 1 } }, ({ epoch }) => 0.5 ** epoch);

describe('defineSchedule', () => {
  it('makes a function that carries its description', () => {
    expect(halves({ ...start, epoch: 2 })).toBe(0.25);
    expect({ name: halves.name, package: halves.package, options: halves.options }).toEqual({ name: 'halves', package: 'local', options: { of: 1 } });
  });

  it('makes it once and for all', () => {
    expect(Object.isFrozen(halves)).toBe(true);
    expect(Object.isFrozen(halves.options)).toBe(true);
  });
});

describe('scheduledAt', () => {
  it('gives numbers as they are, and asks schedules', () => {
    expect(scheduledAt(0.3, start)).toBe(0.3);
    expect(scheduledAt(halves, { ...start, epoch: 1 })).toBe(0.5);
  });
});
