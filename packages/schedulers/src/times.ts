import { defineSchedule, type Schedule, type Scheduled, scheduledAt } from '@codistill/core';

/**
 * The product of two schedules.
 *
 * @param factor - a number or a schedule
 * @param schedule - what is multiplied
 * @example
 * const weight = times(0.5, rampUp({ epochs: 80 }));
 */
export const times = (factor: Scheduled, schedule: Scheduled): Schedule =>
  defineSchedule(
    { package: '@codistill/schedulers', name: 'times', options: { factor, of: schedule } },
    (progress) => scheduledAt(factor, progress) * scheduledAt(schedule, progress),
  );
