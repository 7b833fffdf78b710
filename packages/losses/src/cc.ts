import { CodistillError, defineTerm, say, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { norm } from './norm.ts';
import { rows } from './rows.ts';
import { type SignalAt, signalAt } from './signal-at.ts';
import { unit } from './unit.ts';

/**
 * Options of {@link cc}.
 *
 * @example
 * const options: CcOptions<'pooled'> = { at: 'pooled', form: 'norm' };
 */
export interface CcOptions<At extends string = never> {
  /** The tap to compare, by the name it has in both models; best a pooled one. Default: the logits. */
  readonly at?: At;
  /** How fast correlation falls with distance, above 0; default 0.4. */
  readonly gamma?: number;
  /** Terms of the kernel's Taylor series after the constant, at least 1; default 2. */
  readonly order?: number;
  /** `'squares'` (default): `mean (C_s − C_t)²`; `'norm'`: `‖C_s − C_t‖_F / batch²`. */
  readonly form?: 'squares' | 'norm';
}

/** `exp(−2γ) Σ_{p≤P} (2γ)ᵖ/p! ⟨e_i, e_j⟩ᵖ` on directions, the Gaussian `exp(−γ ‖e_i − e_j‖²)` up to order P, by Horner's rule. */
const correlations = (e: tf.Tensor2D, γ: number, order: number): tf.Tensor => {
  const directions = unit(e);
  const cosine = tf.matMul(directions, directions, false, true);
  let series: tf.Tensor = tf.onesLike(cosine);
  for (let p = order; p >= 1; p--) series = series.mul(cosine).mul((2 * γ) / p).add(1);
  return series.mul(Math.exp(-2 * γ));
};

/**
 * Correlation congruence between examples: `mean_ij ( C_s(i,j) − C_t(i,j) )²`, with `C` the Gaussian kernel of the tap's
 * directions, as its Taylor series. Peng et al. 2019, "Correlation congruence for knowledge distillation", arXiv:1904.01802.
 *
 * Published codes disagree. The kernel with γ = 0.4, two terms and mean squares is one (`'squares'`); another takes the norm
 * over batch², weight 0.003 (`'norm'`); a third trains embeddings and compares neighbours, see {@link ccEmbedded}.
 *
 * Widths, and even shapes, of the two taps may differ.
 *
 * @param options - `at` (default the logits), `gamma` 0.4, `order` 2, `form` `'squares'`
 * @returns a term on a tap (or logits) of any rank ≥ 2, which is flattened, of scalar value: examples interact
 * @throws CodistillError `OPTION_INVALID` for an option out of range
 * @example
 * const congruent = cc({ at: 'pooled' });
 */
export const cc = <const At extends string = never>({ at, gamma = 0.4, order = 2, form = 'squares' }: CcOptions<At> = {}): Term<'cc', 'node', SignalAt<At>, never> => {
  if (!(gamma > 0 && gamma < Infinity)) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('cc', 'gamma', gamma, 'a number above 0'));
  if (!(Number.isInteger(order) && order >= 1)) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('cc', 'order', order, 'a whole number of at least 1'));
  if (!['squares', 'norm'].includes(form)) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('cc', 'form', form, "'squares' or 'norm'"));
  const signal = signalAt<At>(at);
  return defineTerm({
    package: '@codistill/losses',
    name: 'cc',
    options: { at, gamma, order, form },
    from: 'node',
    needs: [signal],
    compute: (student, teacher) => {
      const difference = correlations(rows(student[signal]), gamma, order).sub(correlations(rows(teacher[signal]), gamma, order));
      return form === 'squares' ? difference.square().mean() : norm(difference.flatten(), false).div(difference.size);
    },
  });
};
