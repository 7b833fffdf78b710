import { CodistillError, defineTerm, say, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { kl } from './kl.ts';
import { notNegative } from './not-negative.ts';

/**
 * Options of {@link mlld}.
 *
 * @example
 * const options: MlldOptions = { temperatures: [2, 4], classes: 0 };
 */
export interface MlldOptions {
  /** At which the three parts are computed and summed; default 2, 3, 4, 5 and 6. */
  readonly temperatures?: readonly number[];
  /** Weight of the part between predictions of one example; default 1. */
  readonly instances?: number;
  /** Weight of the part between the examples of a batch; default 1. */
  readonly batches?: number;
  /** Weight of the part between classes; default 1. */
  readonly classes?: number;
}

/** `Σ ( X_s X_sᵀ − X_t X_tᵀ )² / rows` */
const gramDistance = (s: tf.Tensor, t: tf.Tensor): tf.Tensor =>
  tf.squaredDifference(tf.matMul(s, s, false, true), tf.matMul(t, t, false, true)).sum().div(s.shape[0]);

/**
 * Multi-level logit distillation: over temperatures τ, the sum of
 * `τ² KL(p_t ‖ p_s)` (instances), `‖P_s P_sᵀ − P_t P_tᵀ‖² / B` (batch) and `‖P_sᵀ P_s − P_tᵀ P_t‖² / C` (classes), `P = softmax(Z/τ)`.
 * Jin et al. 2023, "Multi-level logit distillation".
 *
 * The temperatures are the published code's, as is a weight of 0.9 beside 0.1 for cross-entropy. That code also multiplies by masks of
 * confident examples and classes, which select nothing there, for each part is a single number by then: they scale by about ½,
 * and are left out here. Its second, strongly augmented view is a matter of the node, not of the loss.
 *
 * @param options - see {@link MlldOptions}
 * @returns a term on logits of any rank ≥ 2, pixels counting as examples, of scalar value: examples interact
 * @throws CodistillError `OPTION_INVALID` for an option out of range
 * @example
 * const levels = mlld();
 */
export const mlld = ({ temperatures = [4, 3, 5, 2, 6], instances = 1, batches = 1, classes = 1 }: MlldOptions = {}): Term<'mlld', 'node', 'logits', never> => {
  notNegative('mlld', { instances, batches, classes });
  const wrong = temperatures.find((temperature) => !(temperature > 0 && temperature < Infinity));
  if (wrong !== undefined || temperatures.length === 0) {
    throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('mlld', 'each of temperatures', wrong, 'a number above 0'));
  }
  const names = temperatures.map((_, index) => `temperature${index}`);
  return defineTerm({
    package: '@codistill/losses',
    name: 'mlld',
    options: { temperatures, instances, batches, classes },
    from: 'node',
    needs: ['logits'],
    scalars: Object.fromEntries(temperatures.map((temperature, index) => [`temperature${index}`, temperature])),
    compute: (student, teacher, context) => {
      const levels = names.map((name) => {
        const τ = context.scalar(name);
        const [logQ, logP] = [student, teacher].map(({ logits }) => context.logSoftmax(logits, τ)) as [tf.Tensor, tf.Tensor];
        const [s, t] = [logQ, logP].map((log) => log.exp().reshape([-1, log.shape.at(-1) ?? 1])) as [tf.Tensor, tf.Tensor];
        return tf.addN([
          kl(logP, logQ).mean().mul(τ.square()).mul(instances),
          gramDistance(s, t).mul(batches),
          gramDistance(s.transpose(), t.transpose()).mul(classes),
        ]);
      });
      return tf.addN(levels);
    },
  });
};
