import { CodistillError, defineTerm, type Ends, say, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { positions } from './positions.ts';
import { atSmallerSize } from './resample.ts';
import { mapShape } from './tap-shapes.ts';

/**
 * Options of {@link fsp}.
 *
 * @example
 * const options: FspOptions<'block1' | 'block2'> = { between: ['block1', 'block2'] };
 */
export interface FspOptions<At extends string> {
  /** Two taps of one network, the lower first, by the names they have in both models: maps, before any pooling to vectors. */
  readonly between: readonly [At, At];
}

/** `G_ij = mean_hw a_i b_j`, per example, the larger map pooled to the size of the smaller. */
const flow = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => {
  const [lower, upper] = atSmallerSize(a as tf.Tensor4D, b as tf.Tensor4D).map(positions) as [tf.Tensor3D, tf.Tensor3D];
  return tf.matMul(lower, upper, true, false).div(lower.shape[1]);
};

/**
 * The flow of a solution procedure: `mean_ij ( G_s − G_t )²`, with `G_ij = mean_hw a_i b_j` between channel i of one tap and channel j of
 * another. Yim et al. 2017, "A gift from knowledge distillation: fast optimization, network minimization and transfer learning".
 *
 * Channels must agree at both ends; heights and widths need not, for they are averaged over. Average pooling to the smaller size is one
 * published code's, another takes the maximum.
 *
 * @param options - `between`
 * @returns a term on two maps, of value `[batch]`
 * @throws CodistillError from `state`: `TAP_NO_MAP` where a tap is no map, `TAP_CHANNELS` where channels differ
 * @example
 * const procedure = fsp({ between: ['block1', 'block2'] });
 */
export const fsp = <const At extends string>({ between }: FspOptions<At>): Term<'fsp', 'node', `tap:${At}`, never> => {
  const [lower, upper] = [`tap:${between[0]}`, `tap:${between[1]}`] as const;
  return defineTerm({
    package: '@codistill/losses',
    name: 'fsp',
    options: { between },
    from: 'node',
    needs: [lower, upper],
    state: ({ to, from }: Ends) => {
      for (const at of between) {
        const [learner, source] = [mapShape('fsp', at, to), mapShape('fsp', at, from)];
        if (learner[2] !== source[2]) throw new CodistillError('TAP_CHANNELS', say.losses.channelsDiffer('fsp', at, source[2], learner[2]));
      }
      return { parameters: {}, buffers: {} };
    },
    compute: (student, teacher) => tf.squaredDifference(flow(student[lower], student[upper]), flow(teacher[lower], teacher[upper])).mean([1, 2]),
  });
};
