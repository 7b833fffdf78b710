import { describe, printPart, type Progress, type Schedule } from '@codistill/core';
import { jsonLaw } from './json-law.ts';
import { insist, type Law, testLaws } from './law.ts';

/**
 * What the laws should know of a schedule.
 *
 * @example
 * const options: ScheduleLawOptions = { between: [0, 1], goes: 'up' };
 */
export interface ScheduleLawOptions {
  /**
   * What its lengths are given in; default `'epochs'`, under which it may not depend on how many steps an epoch has. Under
   * `'steps'` it may not depend on how many epochs the steps make. A schedule that spans the whole run keeps both laws.
   */
  readonly lengthIn?: 'epochs' | 'steps';
  /** Bounds its values keep; default none. */
  readonly between?: readonly [number, number];
  /** That it never falls, or never rises; default neither. */
  readonly goes?: 'up' | 'down';
}

interface RunLength {
  readonly epochs: number;
  readonly perEpoch: number;
}

/** Usual runs and odd ones, down to a single step. */
const RUNS: readonly RunLength[] = [
  { epochs: 1, perEpoch: 1 },
  { epochs: 1, perEpoch: 50 },
  { epochs: 5, perEpoch: 1 },
  { epochs: 30, perEpoch: 7 },
  { epochs: 240, perEpoch: 3 },
];

const at = (step: number, { epochs, perEpoch }: RunLength): Progress => ({ step, steps: epochs * perEpoch, epoch: step / perEpoch, epochs });

/** Every step of a run, and where it ends. */
const pointsOf = (run: RunLength): readonly Progress[] => Array.from({ length: run.epochs * run.perEpoch + 1 }, (_, step) => at(step, run));

const where = ({ step, steps, epoch, epochs }: Progress): string => `step ${step} of ${steps} (epoch ${epoch} of ${epochs})`;

/** Up to the rounding of `epoch / epochs` and `step / steps`. */
const same = (a: number, b: number): boolean => Object.is(a, b) || Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));

/**
 * What must hold of every schedule. Needs no tensors.
 *
 * - It describes itself as JSON.
 * - It is finite at every step of runs of 1 to 720 steps, and where they end.
 * - It is pure: asked in any order, it gives the same, and it leaves the progress alone.
 * - It does not depend on what its lengths are not given in.
 * - It keeps the bounds and the direction that the options declare.
 *
 * @param schedule - the one under test
 * @param options - see {@link ScheduleLawOptions}
 * @returns laws to register with `testLaws`, or to check one by one
 * @example
 * const halves = defineSchedule({ name: 'halves' }, ({ epoch }) => 0.5 ** Math.floor(epoch));
 * for (const law of scheduleLaws(halves, { goes: 'down' })) await law.check();
 */
export const scheduleLaws = (schedule: Schedule, { lengthIn = 'epochs', between, goes }: ScheduleLawOptions = {}): readonly Law[] => {
  const subject = `schedule '${schedule.name}'`;
  const laws: Law[] = [
    jsonLaw(schedule, subject),
    {
      name: 'is finite at every step',
      check: () => {
        for (const point of RUNS.flatMap(pointsOf)) {
          const value = schedule(point);
          insist(Number.isFinite(value), () => `${subject} is ${String(value)} at ${where(point)}.`);
        }
      },
    },
    {
      name: 'same progress, same number',
      check: () => {
        const points = RUNS.flatMap(pointsOf).map((point) => Object.freeze(point));
        const forwards = points.map((point) => schedule(point));
        const backwards = points.toReversed().map((point) => schedule({ ...point })).reverse();
        const index = forwards.findIndex((value, i) => !Object.is(value, backwards[i]));
        insist(
          index === -1,
          () => `${subject} gave ${String(forwards[index])} and then ${String(backwards[index])} at ${where(points[index] ?? at(0, { epochs: 1, perEpoch: 1 }))}: it must be pure, without memory.`,
        );
      },
    },
    lengthIn === 'epochs'
      ? {
          name: 'does not depend on how many steps an epoch has',
          check: () => {
            for (const epoch of Array.from({ length: 31 }, (_, n) => n)) {
              const [few, many] = [at(epoch * 2, { epochs: 30, perEpoch: 2 }), at(epoch * 500, { epochs: 30, perEpoch: 500 })];
              insist(
                same(schedule(few), schedule(many)),
                () => `${subject} is ${schedule(few)} at ${where(few)} but ${schedule(many)} at ${where(many)}: count in epochs, or declare lengthIn: 'steps'.`,
              );
            }
          },
        }
      : {
          name: 'does not depend on how many epochs the steps make',
          check: () => {
            for (const step of Array.from({ length: 61 }, (_, n) => n)) {
              const [one, many] = [at(step, { epochs: 1, perEpoch: 60 }), at(step, { epochs: 30, perEpoch: 2 })];
              insist(
                same(schedule(one), schedule(many)),
                () => `${subject} is ${schedule(one)} at ${where(one)} but ${schedule(many)} at ${where(many)}: count in steps, or declare lengthIn: 'epochs'.`,
              );
            }
          },
        },
  ];
  if (between !== undefined) {
    const [low, high] = between;
    laws.push({
      name: `stays between ${low} and ${high}`,
      check: () => {
        for (const point of RUNS.flatMap(pointsOf)) {
          const value = schedule(point);
          insist(value >= low && value <= high, () => `${subject} is ${value} at ${where(point)}.`);
        }
      },
    });
  }
  if (goes !== undefined) {
    laws.push({
      name: goes === 'up' ? 'never falls' : 'never rises',
      check: () => {
        for (const points of RUNS.map(pointsOf)) {
          for (const [index, point] of points.slice(1).entries()) {
            const [before, after] = [schedule(points[index] ?? point), schedule(point)];
            insist(goes === 'up' ? after >= before : after <= before, () => `${subject} goes from ${before} to ${after} at ${where(point)}.`);
          }
        }
      },
    });
  }
  return laws;
};

/**
 * Registers the laws of a schedule as tests with jest, or any runner with global `describe` and `it`.
 *
 * @param schedule - the one under test
 * @param options - see {@link ScheduleLawOptions}
 * @throws Error where no runner is found
 * @example
 * testSchedule(defineSchedule({ name: 'halves' }, ({ epoch }) => 0.5 ** Math.floor(epoch)), { between: [0, 1], goes: 'down' });
 */
export const testSchedule = (schedule: Schedule, options: ScheduleLawOptions = {}): void => {
  testLaws(`laws of ${printPart(describe(schedule))}`, scheduleLaws(schedule, options));
};
