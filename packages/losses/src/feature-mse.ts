import { defineTerm, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { perExample } from './per-example.ts';
import { rows } from './rows.ts';
import { sameTapShapes } from './tap-shapes.ts';
import { unit } from './unit.ts';

/**
 * Options of {@link featureMse}.
 *
 * @example
 * const options: FeatureMseOptions<'pooled'> = { at: 'pooled' };
 */
export interface FeatureMseOptions<At extends string> {
  /** The tap to compare, by the name it has in both models. */
  readonly at: At;
  /** Whether both taps are brought to length 1 first, per example; default false. */
  readonly normalise?: boolean;
}

/**
 * Mean squared difference of a tap: `mean (f_s − f_t)²` over all elements of an example, or `mean (f_s/‖f_s‖ − f_t/‖f_t‖)²`.
 *
 * The plain comparison of two activations of one shape. Magnitudes differ between networks, so it normally needs a weight on
 * its edge, or `normalise`, which is our choice; for taps of different widths see {@link hint}.
 *
 * @param options - `at`, `normalise` (default false)
 * @returns a term on a tap of any rank ≥ 2, of value `[batch]`
 * @throws CodistillError from `state`: `TAP_SIZE` or `TAP_WIDTH` where the two shapes differ
 * @example
 * const sameLastMap = featureMse({ at: 'last' });
 */
export const featureMse = <const At extends string>({ at, normalise = false }: FeatureMseOptions<At>): Term<'featureMse', 'node', `tap:${At}`, never> => {
  const tap = `tap:${at}` as const;
  return defineTerm({
    package: '@codistill/losses',
    name: 'featureMse',
    options: { at, ...(normalise && { normalise }) },
    from: 'node',
    needs: [tap],
    state: (ends) => {
      sameTapShapes('featureMse', at, ends);
      return { parameters: {}, buffers: {} };
    },
    compute: (student, teacher) => {
      const [s, t] = [student[tap], teacher[tap]].map((f) => (normalise ? unit(rows(f)) : f)) as [tf.Tensor, tf.Tensor];
      return perExample(tf.squaredDifference(s, t));
    },
  });
};
