import { CodistillError, defineTerm, fold, type HostArray, type Named, say, type Term, type TermContext } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { convKernel } from './conv-norm.ts';
import { factorDistance } from './factor-distance.ts';
import { perExample } from './per-example.ts';
import { mapShape, tapShapes } from './tap-shapes.ts';

/**
 * Options of {@link factorTransfer}.
 *
 * @example
 * const options: FactorTransferOptions<'last'> = { at: 'last', form: 'whole' };
 */
export interface FactorTransferOptions<At extends string> {
  /** The tap to compare, by the name it has in both models: a map, before any pooling. */
  readonly at: At;
  /** What is compared of two factors: `'energy'` (default), `mean_c F²` over positions, or the `'whole'`. */
  readonly form?: 'energy' | 'whole';
  /** Channels of a factor over those of the source, above 0; default 0.5. */
  readonly rate?: number;
}

/** A convolution 3×3 with bias that keeps the size. */
const layer = (x: tf.Tensor, name: string, context: TermContext): tf.Tensor4D =>
  tf.add(tf.conv2d(x as tf.Tensor4D, context.variable(`${name}/kernel`) as tf.Tensor as tf.Tensor4D, 1, 'same'), context.variable(`${name}/bias`));

/**
 * Factor transfer: `mean | n(T(f_s)) − n(P(f_t)) | + mean ( D(P(f_t)) − f_t )²`, where the paraphraser P and its inverse D make a
 * smaller map, the factor, of the source's, the translator T makes one of the learner's, and n brings a factor to length 1.
 * After Kim et al. 2018, "Paraphrasing complex network: network compression via factor transfer", arXiv:1802.04977.
 *
 * Published codes disagree on n: one compares the energy of factors, as attention transfer does, weight 200 (`'energy'`), another the factors
 * themselves (`'whole'`). Both train P and D beforehand, for 30 epochs or 1; here the source is not ready beforehand, so all three are trained
 * along with the learner, and each is one 3×3 convolution, P and T followed by a leaky ReLU of 0.1: that is our choice. A rate of 0.5 is
 * the codes'.
 *
 * @param options - `at`, `form` `'energy'`, `rate` 0.5
 * @returns a term on a map, of value `[batch]`. It owns the parameters `translator/kernel`, `paraphraser/kernel`, `inverse/kernel` and a
 *   `bias` beside each
 * @throws CodistillError `OPTION_INVALID` for an option out of range; from `state`: `TAP_SIZE` where heights or widths differ, `TAP_NO_MAP`
 *   where the tap is no map
 * @example
 * const factors = factorTransfer({ at: 'last' });
 */
export const factorTransfer = <const At extends string>({
  at,
  form = 'energy',
  rate = 0.5,
}: FactorTransferOptions<At>): Term<'factorTransfer', 'node', `tap:${At}`, never> => {
  if (!['energy', 'whole'].includes(form)) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('factorTransfer', 'form', form, "'energy' or 'whole'"));
  if (!(rate > 0 && rate < Infinity)) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('factorTransfer', 'rate', rate, 'a number above 0'));
  const tap = `tap:${at}` as const;
  return defineTerm({
    package: '@codistill/losses',
    name: 'factorTransfer',
    options: { at, form, rate },
    from: 'node',
    needs: [tap],
    state: (ends, key) => {
      const [, , channels] = mapShape('factorTransfer', at, ends.to);
      const [, , made] = mapShape('factorTransfer', at, ends.from);
      tapShapes('factorTransfer', at, ends);
      const factor = Math.max(1, Math.round(made * rate));
      const parameters = (name: string, from: number, to: number): Named<HostArray> => ({
        [`${name}/kernel`]: convKernel(fold(key, name), [3, 3, from, to]),
        [`${name}/bias`]: { shape: [to], values: new Float32Array(to) },
      });
      return {
        parameters: { ...parameters('translator', channels, factor), ...parameters('paraphraser', made, factor), ...parameters('inverse', factor, made) },
        buffers: {},
      };
    },
    compute: (student, teacher, context) => {
      const T = tf.leakyRelu(layer(student[tap], 'translator', context), 0.1);
      const P = tf.leakyRelu(layer(teacher[tap], 'paraphraser', context), 0.1);
      return factorDistance(T, P, form).add(perExample(tf.squaredDifference(layer(P, 'inverse', context), teacher[tap])));
    },
  });
};
