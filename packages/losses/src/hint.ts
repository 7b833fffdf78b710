import { defineTerm, fold, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { perExample } from './per-example.ts';
import { pointwise, pointwiseKernel } from './pointwise.ts';
import { sameTapShapes, tapShapes } from './tap-shapes.ts';
import { unit } from './unit.ts';

/**
 * Options of {@link hint}.
 *
 * @example
 * const options: HintOptions<'last'> = { at: 'last', project: true };
 */
export interface HintOptions<At extends string> {
  /** The tap to compare, by the name it has in both models. */
  readonly at: At;
  /** Whether a trainable linear map takes the student's channels to the teacher's; default false. */
  readonly project?: boolean;
  /** Whether the channels at each position of both taps are brought to length 1 first; default false. */
  readonly normalise?: boolean;
}

const KERNEL = 'projector/kernel';
const BIAS = 'projector/bias';

/**
 * Hints: `mean ( r(f_s) − f_t )²` over all elements of an example, with the regressor `r(f) = f · K + b` if `project`, else
 * the identity. Romero et al. 2015, "FitNets: hints for thin deep nets", arXiv:1412.6550.
 *
 * The regressor is a 1×1 convolution on maps and a dense layer on vectors; it is trained with the student and is no part of the
 * exported model. Training it together with the student, its linear form and its first weights (`N(0, 1/channels)`, zero bias)
 * are our choices; the usual published weight of this term is 100. Some codes, that of AMTML-KD (arXiv:2103.04062) among them, compare normalised
 * maps: `normalise`.
 *
 * @param options - `at`, `project` (default false), `normalise` (default false)
 * @returns a term on a tap of any rank ≥ 2, of value `[batch]`. With `project` it owns the parameters `projector/kernel`,
 *   `[1, 1, student channels, teacher channels]` on maps and `[student channels, teacher channels]` on vectors, and
 *   `projector/bias`, `[teacher channels]`
 * @throws CodistillError from `state`: `TAP_SIZE` where heights, widths or ranks differ; `TAP_WIDTH` where channels do and
 *   there is no projection
 * @example
 * const lastMap = hint({ at: 'last', project: true });
 */
export const hint = <const At extends string>({ at, project = false, normalise = false }: HintOptions<At>): Term<'hint', 'node', `tap:${At}`, never> => {
  const tap = `tap:${at}` as const;
  const n = (f: tf.Tensor): tf.Tensor => (normalise ? unit(f) : f);
  const origin = { package: '@codistill/losses', name: 'hint', from: 'node', needs: [tap] } as const;
  if (!project) {
    return defineTerm({
      ...origin,
      options: { at, ...(normalise && { normalise }) },
      state: (ends) => {
        sameTapShapes('hint', at, ends);
        return { parameters: {}, buffers: {} };
      },
      compute: (student, teacher) => perExample(tf.squaredDifference(n(student[tap]), n(teacher[tap]))),
    });
  }
  return defineTerm({
    ...origin,
    options: { at, project, ...(normalise && { normalise }) },
    state: (ends, key) => {
      const { learner, source } = tapShapes('hint', at, ends);
      const width = source.at(-1) ?? 0;
      return {
        parameters: {
          [KERNEL]: pointwiseKernel(fold(key, KERNEL), learner, width),
          [BIAS]: { shape: [width], values: new Float32Array(width) },
        },
        buffers: {},
      };
    },
    compute: (student, teacher, context) =>
      perExample(tf.squaredDifference(pointwise(n(student[tap]), context.variable(KERNEL)).add(context.variable(BIAS)), n(teacher[tap]))),
  });
};
