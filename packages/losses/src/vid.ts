import { CodistillError, defineTerm, filled, fold, say, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { perExample } from './per-example.ts';
import { pointwise, pointwiseKernel } from './pointwise.ts';
import { tapShapes } from './tap-shapes.ts';

/**
 * Options of {@link vid}.
 *
 * @example
 * const options: VidOptions<'last'> = { at: 'last', hidden: 64 };
 */
export interface VidOptions<At extends string> {
  /** The tap to compare, by the name it has in both models. */
  readonly at: At;
  /** Width of the regressor's two hidden layers, at least 1; default the source's channels. */
  readonly hidden?: number;
}

/** Variance of every channel before any training. */
const INITIAL_VARIANCE = 5;
/** Below all variances, so that their logarithms stay finite. */
const ε = 1e-5;

/**
 * Variational information distillation: `mean ½ [ (μ(f_s) − f_t)² / σ_c² + log σ_c² ]`, the negative log-likelihood of the source's
 * features under a Gaussian whose mean μ the learner predicts. Ahn et al. 2019, "Variational information distillation for knowledge
 * transfer", arXiv:1904.05835.
 *
 * μ is three 1×1 convolutions without bias with ReLUs between them; `σ_c² = softplus(ρ_c) + 10⁻⁵`, one per channel, at first 5. Both
 * are trained with the learner, the variance too, which one published code forgets. The first weights, `N(0, 2/channels)` and
 * `N(0, 1/channels)` for the last, are our choice; the usual weight of the term is 1. It can be negative.
 *
 * @param options - `at`, `hidden`
 * @returns a term on a tap of any rank ≥ 2, of value `[batch]`. It owns the parameters `regressor/0/kernel` to `regressor/2/kernel`
 *   and `variance`, ρ, `[source channels]`
 * @throws CodistillError `OPTION_INVALID` for `hidden`; from `state`: `TAP_SIZE` where heights, widths or ranks differ
 * @example
 * const informed = vid({ at: 'last' });
 */
export const vid = <const At extends string>({ at, hidden }: VidOptions<At>): Term<'vid', 'node', `tap:${At}`, never> => {
  if (hidden !== undefined && !(Number.isInteger(hidden) && hidden >= 1)) {
    throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('vid', 'hidden', hidden, 'a whole number of at least 1'));
  }
  const tap = `tap:${at}` as const;
  return defineTerm({
    package: '@codistill/losses',
    name: 'vid',
    options: { at, hidden },
    from: 'node',
    needs: [tap],
    state: (ends, key) => {
      const { learner, source } = tapShapes('vid', at, ends);
      const width = source.at(-1) ?? 0;
      const between = [...learner.slice(0, -1), hidden ?? width];
      const kernel = (layer: number, example: readonly number[], channels: number, gain: number) =>
        ({ [`regressor/${layer}/kernel`]: pointwiseKernel(fold(key, 'regressor', layer), example, channels, gain) });
      return {
        parameters: {
          ...kernel(0, learner, hidden ?? width, 2),
          ...kernel(1, between, hidden ?? width, 2),
          ...kernel(2, between, width, 1),
          variance: filled([width], Math.log(Math.expm1(INITIAL_VARIANCE - ε))),
        },
        buffers: {},
      };
    },
    compute: (student, teacher, context) => {
      const layer = (f: tf.Tensor, index: number): tf.Tensor => pointwise(f, context.variable(`regressor/${index}/kernel`));
      const μ = layer(tf.relu(layer(tf.relu(layer(student[tap], 0)), 1)), 2);
      const variance = tf.softplus(context.variable('variance')).add(ε);
      return perExample(tf.squaredDifference(μ, teacher[tap]).div(variance).add(variance.log()).mul(0.5));
    },
  });
};
