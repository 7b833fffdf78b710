import { defineTerm, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { notNegative } from './not-negative.ts';

/**
 * Options of {@link focal}.
 *
 * @example
 * const options: FocalOptions = { gamma: 1 };
 */
export interface FocalOptions {
  /** How strongly easy examples are discounted, at least 0; default 2. At 0 it is cross-entropy. */
  readonly gamma?: number;
}

/**
 * Focal loss over a softmax: `−Σ_c y_c (1 − p_c)^γ log p_c`.
 * After Lin et al. 2017, "Focal loss for dense object detection", arXiv:1708.02002, whose loss is over sigmoids: see
 * {@link sigmoidFocal}. The softmax in their place is the common form for single labels; γ = 2 is the common default.
 *
 * @param options - `gamma`, default 2
 * @returns a term on logits `[batch, classes]`, of value `[batch]`
 * @throws CodistillError `OPTION_INVALID` for a negative `gamma`
 * @example
 * const hardOnes = focal({ gamma: 2 });
 */
export const focal = ({ gamma = 2 }: FocalOptions = {}): Term<'focal', 'labels', 'logits', 'class'> => {
  notNegative('focal', { gamma });
  return defineTerm({
    package: '@codistill/losses',
    name: 'focal',
    options: { gamma },
    from: 'labels',
    labels: 'class',
    needs: ['logits'],
    compute: (node, { class: y }, context) => {
      const logP = context.logSoftmax(node.logits);
      if (gamma === 0) return y.mul(logP).sum(-1).neg();
      // The floor is for 0 < γ < 1, where the power has no derivative at 0.
      const unsure = tf.maximum(tf.expm1(logP).neg(), 1e-12);
      return y.mul(unsure.pow(gamma)).mul(logP).sum(-1).neg();
    },
  });
};
