import { CodistillError, defineSchedule, type Schedule, say } from '@codistill/core';
import { demand } from './option.ts';
import { checkSpan, sharePassed, type SpanOrRun } from './span.ts';

/** Shapes, from 0 (or nearly) to 1 over a share from 0 to 1. */
const SHAPES = {
  sigmoid: (share: number): number => Math.exp(-5 * (1 - share) ** 2),
  linear: (share: number): number => share,
} as const;

/**
 * Options of {@link rampUp}.
 *
 * @example
 * const options: RampUpOptions = { epochs: 80 };
 */
export type RampUpOptions = SpanOrRun & {
  /** The number it comes to; default 1. */
  readonly to?: number;
  /** Default `'sigmoid'`. */
  readonly shape?: keyof typeof SHAPES;
};

/**
 * Grows to its full value and stays there: what weights of distillation edges do while the sources are still poor.
 *
 * - `sigmoid`: `to · exp(−5 (1 − t)²)`, which begins at 0.0067 `to`. Laine & Aila 2017, "Temporal ensembling for
 *   semi-supervised learning", arXiv:1610.02242, and Mean Teacher's code.
 * - `linear`: `to · t`
 *
 * with t the share of the span that has passed.
 *
 * @param options - `to` (default 1), `shape` (default `'sigmoid'`), the length in `epochs` or `steps` (default the whole run,
 *   our choice: the papers' lengths are their own)
 * @throws CodistillError `OPTION_INVALID`, `LENGTH_TWICE`, `OPTION_UNKNOWN`
 * @example
 * const weight = rampUp({ epochs: 80 });
 * const straight = rampUp({ to: 8, shape: 'linear', epochs: 20 });
 */
export const rampUp = ({ to = 1, shape = 'sigmoid', ...span }: RampUpOptions = {}): Schedule => {
  demand('rampUp', { to }, 'a finite number');
  if (!Object.hasOwn(SHAPES, shape)) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('rampUp', 'shape', shape, "'sigmoid' or 'linear'"));
  checkSpan('rampUp', span);
  return defineSchedule(
    { package: '@codistill/schedulers', name: 'rampUp', options: { to, shape, ...span } },
    (progress) => to * SHAPES[shape](sharePassed(span, progress)),
  );
};
