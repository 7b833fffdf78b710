import { CodistillError, defineTerm, say, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/**
 * Options of {@link focal}.
 *
 * @example
 * const options: FocalOptions = { gamma: 1 };
 */
export interface FocalOptions {
  /** How strongly easy examples fade, at least 0; default 2, the paper's best. At 0 this is cross-entropy. */
  readonly gamma?: number;
}

/**
 * Focal loss from class labels: `−Σ_c y_c (1 − p_c)^γ log p_c`, `p = softmax(z)`. Lin et al. 2017, "Focal loss for dense object
 * detection", arXiv:1708.02002, in its softmax form and without the paper's α. An example classified well (p near 1) hardly counts, so
 * that many easy ones do not drown a few hard ones.
 *
 * @param options - `gamma`, default 2
 * @returns a term on logits `[batch, classes]`, of value `[batch]`
 * @throws CodistillError `OPTION_INVALID` for a `gamma` below 0
 * @example
 * const term = focal({ gamma: 2 });
 */
export const focal = ({ gamma: γ = 2 }: FocalOptions = {}): Term<'focal', 'labels', 'logits', 'class'> => {
  if (!(γ >= 0 && γ < Infinity)) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('focal', 'gamma', γ, 'at least 0'));
  return defineTerm({
    package: 'codistill-loss-focal',
    name: 'focal',
    options: { gamma: γ },
    from: 'labels',
    labels: 'class',
    needs: ['logits'],
    compute: (node, { class: y }, context) => {
      const logP = context.logSoftmax(node.logits);
      // Kept off 0, where the slope of a power below 1 is infinite; what is clipped has no gradient.
      const doubt = tf.sub(1, logP.exp()).clipByValue(1e-12, 1);
      return y.mul(doubt.pow(γ)).mul(logP).sum(-1).neg();
    },
  });
};
