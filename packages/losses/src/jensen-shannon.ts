import { defineTerm, type Scheduled, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { perExample } from './per-example.ts';
import { tempered } from './tempered.ts';

/**
 * Options of {@link jensenShannon}.
 *
 * @example
 * const options: JensenShannonOptions = { temperature: 2 };
 */
export interface JensenShannonOptions {
  /** Softens both distributions, above 0; a number or a schedule. Default 1. */
  readonly temperature?: Scheduled;
}

/**
 * `KL(p ‖ (p+q)/2)` from log-probabilities. As `log(p / ((p+q)/2)) = log 2 − softplus(log q − log p)`, the mixture need not be
 * formed, and no digits are lost where logits are far apart.
 */
const klFromMixture = (logP: tf.Tensor, logQ: tf.Tensor): tf.Tensor =>
  perExample(logP.exp().mul(tf.sub(Math.LN2, tf.softplus(logQ.sub(logP)))).sum(-1));

/**
 * Jensen–Shannon divergence: `τ² · ½ [ KL(p ‖ m) + KL(q ‖ m) ]`, `m = (p + q)/2`, `p = softmax(t/τ)`, `q = softmax(s/τ)`.
 * Lin 1991, "Divergence measures based on the Shannon entropy"; τ² and the default τ = 1 are our choices.
 *
 * The same for both ends and never above `τ² log 2`: no example can outshout the others, however sure both networks are.
 *
 * @param options - `temperature`, default 1
 * @returns a term on logits of any rank ≥ 2, of value `[batch]`
 * @throws CodistillError `OPTION_INVALID` for a constant temperature that is not above 0
 * @example
 * const betweenPeers = jensenShannon();
 */
export const jensenShannon = ({ temperature = 1 }: JensenShannonOptions = {}): Term<'jensenShannon', 'node', 'logits', never> => {
  const τ = tempered('jensenShannon', temperature);
  return defineTerm({
    package: '@codistill/losses',
    name: 'jensenShannon',
    options: { temperature },
    from: 'node',
    needs: ['logits'],
    scalars: τ.scalars,
    compute: (student, teacher, context) => {
      const [logQ, logP] = [τ.logSoftmax(student.logits, context), τ.logSoftmax(teacher.logits, context)];
      return τ.squared(klFromMixture(logP, logQ).add(klFromMixture(logQ, logP)).mul(0.5), context);
    },
  });
};
