import { CodistillError, say } from '@codistill/core';
import { isPositive } from './option.ts';
import { checkUnit, type Span } from './span.ts';

/**
 * Points of training, rising, counted from its start in epochs (fractions are fine) or in steps: one of the two.
 *
 * @example
 * const usual: Borders = { epochs: [150, 180, 210] };
 */
export type Borders = { readonly epochs: readonly number[]; readonly steps?: never } | { readonly steps: readonly number[]; readonly epochs?: never };

/**
 * Borders one by one, as the spans from the start of training to each.
 *
 * @param schedule - whose borders these are
 * @param borders - what is left of its options
 * @throws CodistillError `BORDERS_MISSING`, `BORDERS_NOT_RISING`, `LENGTH_TWICE`, `OPTION_UNKNOWN`
 * @example
 * spansTo('multistep', { epochs: [60, 120] }); // [{ epochs: 60 }, { epochs: 120 }]
 */
export const spansTo = (schedule: string, borders: Borders): readonly Span[] => {
  checkUnit(schedule, borders);
  const unit = borders.epochs === undefined ? 'steps' : 'epochs';
  const given: unknown = borders[unit];
  if (given === undefined) throw new CodistillError('BORDERS_MISSING', say.schedules.bordersMissing(schedule));
  const values: readonly unknown[] = Array.isArray(given) ? given : [given];
  const rise = values.every((value, index) => typeof value === 'number' && isPositive(value) && value > Number(values[index - 1] ?? 0));
  if (!Array.isArray(given) || !rise) throw new CodistillError('BORDERS_NOT_RISING', say.schedules.bordersNotRising(schedule, unit, values));
  return (borders.epochs ?? []).map((epochs): Span => ({ epochs })).concat((borders.steps ?? []).map((steps): Span => ({ steps })));
};
