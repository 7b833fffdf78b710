import { CodistillError, defineTerm, say, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { perExample } from './per-example.ts';
import { projection } from './projection.ts';

/**
 * Options of {@link activationBoundary}.
 *
 * @example
 * const options: ActivationBoundaryOptions<'last'> = { at: 'last', margin: 0.5 };
 */
export interface ActivationBoundaryOptions<At extends string> {
  /** The tap to compare, by the name it has in both models: before its ReLU. */
  readonly at: At;
  /** How far from 0 the learner must be on the source's side, above 0; default 1. */
  readonly margin?: number;
  /** Whether a trainable linear map takes the learner's channels to the source's; default false. */
  readonly project?: boolean;
}

/**
 * Activation boundaries: where the source is active (`f_t > 0`) `max(0, m − r(f_s))²`, elsewhere `max(0, m + r(f_s))²`, their mean. Only which
 * side of 0 the source is on counts, not how far.
 * After Heo et al. 2019, "Knowledge transfer via distillation of activation boundaries formed by hidden neurons", arXiv:1811.03233. This
 * form has not been compared with the authors' code; the mean, m = 1 and a plain linear r are our choices.
 *
 * @param options - `at`, `margin` 1, `project` (default false)
 * @returns a term on a tap of any rank ≥ 2, of value `[batch]`. With `project` it owns the parameters `projector/kernel` and
 *   `projector/bias`
 * @throws CodistillError `OPTION_INVALID` for a margin that is not above 0; from `state`: `TAP_SIZE`, `TAP_WIDTH` where the taps' shapes
 *   do not fit
 * @example
 * const sides = activationBoundary({ at: 'last' });
 */
export const activationBoundary = <const At extends string>({
  at,
  margin = 1,
  project = false,
}: ActivationBoundaryOptions<At>): Term<'activationBoundary', 'node', `tap:${At}`, never> => {
  if (!(margin > 0 && margin < Infinity)) {
    throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('activationBoundary', 'margin', margin, 'a number above 0'));
  }
  const r = projection('activationBoundary', at, project);
  const tap = `tap:${at}` as const;
  return defineTerm({
    package: '@codistill/losses',
    name: 'activationBoundary',
    options: { at, margin, ...(project && { project }) },
    from: 'node',
    needs: [tap],
    state: r.state,
    compute: (student, teacher, context) => {
      // 1 where the source is active, else −1: one hinge serves both sides.
      const side = tf.step(teacher[tap]).mul(2).sub(1);
      return perExample(tf.relu(tf.sub(margin, side.mul(r.apply(student[tap], context)))).square());
    },
  });
};
