import type { Part, PartOrigin } from './part.ts';

/**
 * Where training stands, before the step that is about to run.
 *
 * @example
 * const halfway: Progress = { step: 500, steps: 1000, epoch: 5, epochs: 10 };
 */
export interface Progress {
  /** Steps done so far, from 0. */
  readonly step: number;
  /** Steps of the whole run. */
  readonly steps: number;
  /** Epochs done so far, with fraction: `step / steps per epoch`. */
  readonly epoch: number;
  /** Epochs of the whole run. */
  readonly epochs: number;
}

/**
 * A number that changes over training: a learning rate, an edge's weight, a temperature. One type for all of them.
 * Pure: the same progress gives the same number.
 *
 * @example
 * const at = (schedule: Schedule): number => schedule({ step: 0, steps: 10, epoch: 0, epochs: 1 });
 */
export interface Schedule extends Part {
  (progress: Progress): number;
}

/**
 * A number, or a schedule of it.
 *
 * @example
 * const weight: Scheduled = 0.5;
 */
export type Scheduled = number | Schedule;

/**
 * Makes a schedule of a function.
 *
 * @param origin - name, package and options, for the spec
 * @param at - pure function of the progress
 * @returns a callable that carries its description
 * @example
 * const halves = defineSchedule({ name: 'halves' }, ({ epoch }) => 0.5 ** Math.floor(epoch));
 * halves({ step: 0, steps: 100, epoch: 1, epochs: 2 }); // 0.5
 */
export const defineSchedule = (origin: PartOrigin, at: (progress: Progress) => number): Schedule => {
  const schedule = (progress: Progress): number => at(progress);
  // A function's own `name` is read-only by assignment, not by definition.
  Object.defineProperties(schedule, {
    name: { value: origin.name, enumerable: true },
    package: { value: origin.package ?? 'local', enumerable: true },
    options: { value: Object.freeze({ ...origin.options }), enumerable: true },
  });
  return Object.freeze(schedule) as Schedule;
};

/**
 * The number that holds at a point of training.
 *
 * @example
 * scheduledAt(0.5, { step: 3, steps: 10, epoch: 0, epochs: 1 }); // 0.5
 */
export const scheduledAt = (value: Scheduled, progress: Progress): number => (typeof value === 'number' ? value : value(progress));
