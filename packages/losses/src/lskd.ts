import { defineTerm, logSoftmax, say, type Scheduled, type Term } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';
import { kl } from './kl.ts';
import { norm } from './norm.ts';
import { tempered } from './tempered.ts';

/**
 * Options of {@link lskd}.
 *
 * @example
 * const options: LskdOptions = { temperature: 2 };
 */
export interface LskdOptions {
  /** Softens both distributions after standardising, above 0; a number or a schedule. Default 2, the published code's. */
  readonly temperature?: Scheduled;
}

/** `(z − mean) / (10⁻⁷ + std)` over classes, with the unbiased standard deviation. */
const standardised = (z: tf.Tensor): tf.Tensor => {
  const centred = z.sub(z.mean(-1, true));
  const classes = z.shape.at(-1) ?? 1;
  return centred.div(norm(centred).mul(1 / Math.sqrt(Math.max(1, classes - 1))).add(1e-7));
};

/**
 * Distillation of standardised logits: `τ² · KL( softmax(Z(t)/τ) ‖ softmax(Z(s)/τ) )`, `Z(z) = (z − mean z) / (std z + 10⁻⁷)`
 * per example. Sun et al. 2024, "Logit standardization in knowledge distillation", arXiv:2403.01427.
 *
 * The learner need not match the size of its source's logits, only their pattern. τ = 2 and a weight of 9 are the published
 * code's. With two classes `Z` is ±0.707 whatever the logits are: the term refuses such a task.
 *
 * @param options - `temperature`, default 2
 * @returns a term on logits of any rank ≥ 2, of value `[batch]`
 * @throws CodistillError `OPTION_INVALID` for a constant temperature that is not above 0
 * @example
 * const pattern = lskd({ temperature: 2 });
 */
export const lskd = ({ temperature = 2 }: LskdOptions = {}): Term<'lskd', 'node', 'logits', never> => {
  const τ = tempered('lskd', temperature);
  return defineTerm({
    package: '@codistill/losses',
    name: 'lskd',
    options: { temperature },
    from: 'node',
    needs: ['logits'],
    scalars: τ.scalars,
    refuses: ({ classes }) =>
      classes === 2 ? say.losses.twoClasses('lskd', 'standardised, a pair of logits says only which is larger', 'kd') : undefined,
    compute: (student, teacher, context) => {
      const [logQ, logP] = [student.logits, teacher.logits].map((z) => logSoftmax(τ.divided(standardised(z), context))) as [tf.Tensor, tf.Tensor];
      return τ.squared(kl(logP, logQ), context);
    },
  });
};
