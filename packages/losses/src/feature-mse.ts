import { defineTerm, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { perExample } from './per-example.ts';
import { sameTapShapes } from './tap-shapes.ts';

/**
 * Options of {@link featureMse}.
 *
 * @example
 * const options: FeatureMseOptions<'pooled'> = { at: 'pooled' };
 */
export interface FeatureMseOptions<At extends string> {
  /** The tap to compare, by the name it has in both models. */
  readonly at: At;
}

/**
 * Mean squared difference of a tap: `mean (f_s − f_t)²` over all elements of an example.
 *
 * The plain comparison of two activations of one shape. Magnitudes differ between networks, so it normally needs a weight on
 * its edge; for taps of different widths see {@link hint}.
 *
 * @param options - `at`
 * @returns a term on a tap of any rank ≥ 2, of value `[batch]`
 * @throws CodistillError from `state`: `TAP_SIZE` or `TAP_WIDTH` where the two shapes differ
 * @example
 * const sameLastMap = featureMse({ at: 'last' });
 */
export const featureMse = <const At extends string>({ at }: FeatureMseOptions<At>): Term<'featureMse', 'node', `tap:${At}`, never> => {
  const tap = `tap:${at}` as const;
  return defineTerm({
    package: '@codistill/losses',
    name: 'featureMse',
    options: { at },
    from: 'node',
    needs: [tap],
    state: (ends) => {
      sameTapShapes('featureMse', at, ends);
      return { parameters: {}, buffers: {} };
    },
    compute: (student, teacher) => perExample(tf.squaredDifference(student[tap], teacher[tap])),
  });
};
