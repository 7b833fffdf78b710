import { CodistillError, type Progress, say } from '@codistill/core';
import { demand, isPositive } from './option.ts';

/**
 * A length of training, in epochs (fractions are fine) or in steps: one of the two.
 *
 * @example
 * const fiveEpochs: Span = { epochs: 5 };
 */
export type Span = { readonly epochs: number; readonly steps?: never } | { readonly steps: number; readonly epochs?: never };

/**
 * A length of training, or `{}` for the whole run.
 *
 * @example
 * const wholeRun: SpanOrRun = {};
 */
export type SpanOrRun = Span | { readonly epochs?: never; readonly steps?: never };

/**
 * Refuses two units at once, and options that are no unit. TypeScript says the same earlier.
 *
 * @param schedule - whose options these are
 * @param options - what is left of them when all others are taken out
 * @throws CodistillError `LENGTH_TWICE`, `OPTION_UNKNOWN`
 * @example
 * checkUnit('multistep', { epochs: [60, 120] });
 */
export const checkUnit = (schedule: string, options: Readonly<Record<string, unknown>>): void => {
  const units = Object.keys(options).filter((unit) => options[unit] !== undefined);
  const unknown = units.find((unit) => unit !== 'epochs' && unit !== 'steps');
  if (unknown !== undefined) throw new CodistillError('OPTION_UNKNOWN', say.schedules.optionUnknown(schedule, unknown));
  if (units.length > 1) throw new CodistillError('LENGTH_TWICE', say.schedules.lengthTwice(schedule));
};

/**
 * Refuses what is no length.
 *
 * @param schedule - whose length it is
 * @param span - what is left of its options
 * @throws CodistillError `OPTION_INVALID`, and as {@link checkUnit}
 * @example
 * checkSpan('cosine', { epochs: 80 });
 */
export const checkSpan = (schedule: string, span: SpanOrRun): void => {
  checkUnit(schedule, span);
  if (span.epochs !== undefined) demand(schedule, { epochs: span.epochs }, 'a number above 0', isPositive);
  if (span.steps !== undefined) demand(schedule, { steps: span.steps }, 'a number above 0', isPositive);
};

/**
 * Refuses what is no length, and no length at all.
 *
 * @param schedule - whose length it is
 * @param span - what is left of its options
 * @throws CodistillError `LENGTH_MISSING`, and as {@link checkSpan}
 * @example
 * requireSpan('step', { epochs: 30 });
 */
export const requireSpan = (schedule: string, span: SpanOrRun): void => {
  checkSpan(schedule, span);
  if ((span.epochs ?? span.steps) === undefined) throw new CodistillError('LENGTH_MISSING', say.schedules.lengthMissing(schedule));
};

/**
 * How many spans have passed, with fraction.
 *
 * @example
 * spansPassed({ epochs: 2 }, { step: 30, steps: 100, epoch: 3, epochs: 10 }); // 1.5
 */
export const spansPassed = (span: SpanOrRun, { step, steps, epoch }: Progress): number => {
  if (span.steps !== undefined) return step / span.steps;
  return span.epochs === undefined ? step / steps : epoch / span.epochs;
};

/**
 * The share of a span that has passed, in [0, 1]: after its end it stays 1.
 *
 * @example
 * sharePassed({ epochs: 2 }, { step: 10, steps: 100, epoch: 1, epochs: 10 }); // 0.5
 */
export const sharePassed = (span: SpanOrRun, progress: Progress): number => Math.min(1, spansPassed(span, progress));

/**
 * A span in steps of a given run.
 *
 * @example
 * stepsIn({ epochs: 2 }, { step: 0, steps: 100, epoch: 0, epochs: 10 }); // 20
 */
export const stepsIn = (span: Span, { steps, epochs }: Progress): number => span.steps ?? (span.epochs * steps) / epochs;
