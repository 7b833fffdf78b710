import { CodistillError, defineSchedule, type Schedule, type Scheduled, say } from '@codistill/core';
import { type Borders, spansTo } from './borders.ts';
import { constant } from './constant.ts';
import { spansPassed, stepsIn } from './span.ts';
import { stretch } from './stretch.ts';

/**
 * One schedule after another. Each takes the part of the run between its borders for its whole run, and counts from there.
 *
 * @param schedules - in order; numbers are constants
 * @param borders - where one ends and the next begins, in `epochs` or `steps` from the start of training; one fewer than schedules
 * @throws CodistillError `BORDERS_COUNT`, `BORDERS_NOT_RISING`, `BORDERS_MISSING`, `LENGTH_TWICE`, `OPTION_UNKNOWN`
 * @example
 * const rate = join([linear({ from: 0.01, to: 0.1 }), 0.1, cosine({ from: 0.1 })], { epochs: [5, 60] });
 */
export const join = (schedules: readonly Scheduled[], borders: Borders): Schedule => {
  const parts = schedules.map((schedule) => (typeof schedule === 'number' ? constant({ value: schedule }) : schedule));
  const spans = spansTo('join', borders);
  const [first, ...later] = parts;
  if (first === undefined || later.length !== spans.length) {
    throw new CodistillError('BORDERS_COUNT', say.schedules.bordersCount(parts.length, spans.length));
  }
  return defineSchedule({ package: '@codistill/schedulers', name: 'join', options: { of: parts, ...borders } }, (progress) => {
    const passed = spans.filter((span) => spansPassed(span, progress) >= 1).length;
    const [start, end] = [spans[passed - 1], spans[passed]];
    const part = parts[passed] ?? first;
    return part(stretch(progress, start === undefined ? 0 : stepsIn(start, progress), end === undefined ? progress.steps : stepsIn(end, progress)));
  });
};
