import { CodistillError, defineTerm, say, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { positions } from './positions.ts';
import { tapShapes } from './tap-shapes.ts';
import { unit } from './unit.ts';

/**
 * Options of {@link nst}.
 *
 * @example
 * const options: NstOptions<'last'> = { at: 'last' };
 */
export interface NstOptions<At extends string> {
  /** The tap to compare, by the name it has in both models: a map, before any pooling. */
  readonly at: At;
}

/** Where each channel looks: `[batch, channels, positions]`, each row of length 1. */
const selectivities = (f: tf.Tensor): tf.Tensor3D => unit(positions(f).transpose([0, 2, 1])) as tf.Tensor3D;

/** `mean_ij ⟨a_i, b_j⟩²`, per example. */
const meanKernel = (a: tf.Tensor3D, b: tf.Tensor3D): tf.Tensor => tf.matMul(a, b, false, true).square().mean([1, 2]);

/**
 * Neuron selectivity transfer: the maximum mean discrepancy between the channels of both maps, each of length 1, under the
 * kernel `k(a, b) = ⟨a, b⟩²`: `mean k(t, t′) + mean k(s, s′) − 2 mean k(s, t)`.
 * Huang & Wang 2017, "Like what you like: knowledge distill via neuron selectivity transfer", arXiv:1707.01219.
 *
 * Channel counts may differ; heights and widths may not. The usual weight is 50.
 *
 * @param options - `at`
 * @returns a term on a tap of rank ≥ 3, of value `[batch]`
 * @throws CodistillError from `state`: `TAP_SIZE` where heights or widths differ, `TAP_FLAT` where the tap has none
 * @example
 * const likes = nst({ at: 'last' });
 */
export const nst = <const At extends string>({ at }: NstOptions<At>): Term<'nst', 'node', `tap:${At}`, never> => {
  const tap = `tap:${at}` as const;
  return defineTerm({
    package: '@codistill/losses',
    name: 'nst',
    options: { at },
    from: 'node',
    needs: [tap],
    state: (ends) => {
      const { source } = tapShapes('nst', at, ends);
      if (source.length < 2) throw new CodistillError('TAP_FLAT', say.parts.tapFlat('nst', at, source));
      return { parameters: {}, buffers: {} };
    },
    compute: (student, teacher) => {
      const [s, t] = [selectivities(student[tap]), selectivities(teacher[tap])];
      return meanKernel(t, t).add(meanKernel(s, s)).sub(meanKernel(s, t).mul(2));
    },
  });
};
