import { CodistillError, defineTerm, logSoftmax, say, type Scheduled, type Term } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';
import { kl } from './kl.ts';
import { positions } from './positions.ts';
import { sameTapShapes } from './tap-shapes.ts';
import { tempered } from './tempered.ts';

/**
 * Options of {@link cwd}.
 *
 * @example
 * const options: CwdOptions<'last'> = { at: 'last', temperature: 4 };
 */
export interface CwdOptions<At extends string> {
  /** The tap to compare, by the name it has in both models: a map, before any pooling. */
  readonly at: At;
  /** Softens where each channel looks, above 0; a number or a schedule. Default 1. */
  readonly temperature?: Scheduled;
}

/**
 * Channel-wise distillation: `τ² · mean_c KL( softmax_hw(f_t,c/τ) ‖ softmax_hw(f_s,c/τ) )`: each channel is a distribution over positions.
 * Shu et al. 2021, "Channel-wise knowledge distillation for dense prediction", arXiv:2011.13256; the default τ = 1 is our choice.
 *
 * @param options - `at`, `temperature` 1
 * @returns a term on a tap of rank ≥ 3, of value `[batch]`
 * @throws CodistillError `OPTION_INVALID` for a constant temperature that is not above 0; from `state`: `TAP_SIZE`, `TAP_WIDTH` where the two
 *   shapes differ, `TAP_FLAT` where the tap has no height and width
 * @example
 * const channels = cwd({ at: 'last', temperature: 4 });
 */
export const cwd = <const At extends string>({ at, temperature = 1 }: CwdOptions<At>): Term<'cwd', 'node', `tap:${At}`, never> => {
  const τ = tempered('cwd', temperature);
  const tap = `tap:${at}` as const;
  return defineTerm({
    package: '@codistill/losses',
    name: 'cwd',
    options: { at, temperature },
    from: 'node',
    needs: [tap],
    scalars: τ.scalars,
    state: (ends) => {
      const { source } = sameTapShapes('cwd', at, ends);
      if (source.length < 2) throw new CodistillError('TAP_FLAT', say.parts.tapFlat('cwd', at, source));
      return { parameters: {}, buffers: {} };
    },
    compute: (student, teacher, context) => {
      const looks = (f: tf.Tensor): tf.Tensor => logSoftmax(τ.divided(positions(f).transpose([0, 2, 1]), context));
      return τ.squared(kl(looks(teacher[tap]), looks(student[tap])), context);
    },
  });
};
