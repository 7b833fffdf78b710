import { CodistillError, defineTerm, say, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { notNegative } from './not-negative.ts';

/**
 * Options of {@link sigmoidFocal}.
 *
 * @example
 * const options: SigmoidFocalOptions = { alpha: 0.5 };
 */
export interface SigmoidFocalOptions {
  /** How strongly easy classes are discounted, at least 0; default 2. */
  readonly gamma?: number;
  /** Weight of what is there, in [0, 1]; what is not there weighs `1 − alpha`. Default 0.25. */
  readonly alpha?: number;
}

/**
 * Focal loss over sigmoids: `mean_c a_c (1 − q_c)^γ · (−log q_c)`, with `q = σ(z)`, `a = α` where the label is 1 and
 * `q = 1 − σ(z)`, `a = 1 − α` where it is 0. Lin et al. 2017, "Focal loss for dense object detection", arXiv:1708.02002. The mean over
 * classes is our choice; γ = 2 and α = 0.25 are the common defaults.
 *
 * Label rows may hold any number of ones. Shares between 0 and 1 mix both cases: `a = α y + (1 − α)(1 − y)`, and `q` likewise.
 *
 * @param options - `gamma` 2, `alpha` 0.25
 * @returns a term on logits `[batch, classes]`, of value `[batch]`
 * @throws CodistillError `OPTION_INVALID` for an option out of range
 * @example
 * const several = sigmoidFocal({ gamma: 2, alpha: 0.25 });
 */
export const sigmoidFocal = ({ gamma = 2, alpha = 0.25 }: SigmoidFocalOptions = {}): Term<'sigmoidFocal', 'labels', 'logits', 'class'> => {
  notNegative('sigmoidFocal', { gamma });
  if (!(alpha >= 0 && alpha <= 1)) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('sigmoidFocal', 'alpha', alpha, 'between 0 and 1'));
  return defineTerm({
    package: '@codistill/losses',
    name: 'sigmoidFocal',
    options: { gamma, alpha },
    from: 'labels',
    labels: 'class',
    needs: ['logits'],
    compute: ({ logits: z }, { class: y }) => {
      const loss = tf.softplus(z).sub(y.mul(z));
      const a = y.mul(2 * alpha - 1).add(1 - alpha);
      if (gamma === 0) return a.mul(loss).mean(-1);
      const absent = tf.sub(1, y);
      const wrong = absent.mul(tf.sigmoid(z)).add(y.mul(tf.sigmoid(z.neg())));
      return a.mul(tf.maximum(wrong, 1e-12).pow(gamma)).mul(loss).mean(-1);
    },
  });
};
