import { CodistillError, defineTerm, type Ends, fold, say, type Term } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';
import { pointwise, pointwiseKernel } from './pointwise.ts';
import { rows } from './rows.ts';
import { tapShape } from './tap-shapes.ts';

/**
 * Options of {@link ccEmbedded}.
 *
 * @example
 * const options: CcEmbeddedOptions<'pooled'> = { at: 'pooled', width: 64 };
 */
export interface CcEmbeddedOptions<At extends string> {
  /** The tap to compare, by the name it has in both models; best a pooled one. */
  readonly at: At;
  /** Width of the embeddings, at least 1; default 128. */
  readonly width?: number;
}

/**
 * Correlation congruence, as a published code restructures it: `mean_i Σ_d |s − t|_i,d |s − t|_{i+1},d` over neighbours in the
 * batch, with s and t linear embeddings of both taps, trained along with the learner.
 * After Peng et al. 2019, "Correlation congruence for knowledge distillation", arXiv:1904.01802; for the kernel see {@link cc}.
 *
 * Width 128 and the usual weight of 0.02 are that code's; the first weights, `N(0, 1/elements)` and zero bias, are our choice. The
 * source's embedding is trained too, so the value can fall without the learner having learnt.
 *
 * @param options - `at`, `width` 128
 * @returns a term on a tap of any rank ≥ 2, which is flattened, of scalar value: examples interact. It owns the parameters
 *   `learner/kernel` and `source/kernel`, `[elements, width]`, and `learner/bias` and `source/bias`, `[width]`
 * @throws CodistillError `OPTION_INVALID` for a width that is no whole number of at least 1
 * @example
 * const congruent = ccEmbedded({ at: 'pooled' });
 */
export const ccEmbedded = <const At extends string>({ at, width = 128 }: CcEmbeddedOptions<At>): Term<'ccEmbedded', 'node', `tap:${At}`, never> => {
  if (!(Number.isInteger(width) && width >= 1)) {
    throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('ccEmbedded', 'width', width, 'a whole number of at least 1'));
  }
  const tap = `tap:${at}` as const;
  const elements = (end: Ends['to']): number => tapShape('ccEmbedded', at, end).reduce((size, length) => size * length, 1);
  return defineTerm({
    package: '@codistill/losses',
    name: 'ccEmbedded',
    options: { at, width },
    from: 'node',
    needs: [tap],
    state: ({ to, from }, key) => ({
      parameters: {
        'learner/kernel': pointwiseKernel(fold(key, 'learner/kernel'), [elements(to)], width),
        'learner/bias': { shape: [width], values: new Float32Array(width) },
        'source/kernel': pointwiseKernel(fold(key, 'source/kernel'), [elements(from)], width),
        'source/bias': { shape: [width], values: new Float32Array(width) },
      },
      buffers: {},
    }),
    compute: (student, teacher, context) => {
      const embedded = (f: tf.Tensor, end: 'learner' | 'source'): tf.Tensor =>
        pointwise(rows(f), context.variable(`${end}/kernel`)).add(context.variable(`${end}/bias`));
      const apart = embedded(student[tap], 'learner').sub(embedded(teacher[tap], 'source')).abs();
      const neighbours = apart.shape[0] - 1;
      // A batch of one has no neighbours.
      if (neighbours < 1) return apart.sum().mul(0);
      return apart.slice([0], [neighbours]).mul(apart.slice([1], [neighbours])).sum().div(neighbours);
    },
  });
};
