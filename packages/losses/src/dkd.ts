import { defineTerm, logSoftmax, say, type Scheduled, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { kl } from './kl.ts';
import { notNegative } from './not-negative.ts';
import { atTarget, targetClass, withoutTarget } from './target-class.ts';
import { tempered } from './tempered.ts';

/**
 * Options of {@link dkd}.
 *
 * @example
 * const options: DkdOptions = { temperature: 1, alpha: 1, beta: 0.5 };
 */
export interface DkdOptions {
  /** Softens all distributions, above 0; a number or a schedule. Default 4. */
  readonly temperature?: Scheduled;
  /** Weight of the target class against all others; default 1. */
  readonly alpha?: number;
  /** Weight of the classes that are not the target among themselves; default 8. */
  readonly beta?: number;
}

/** `log (p_y, 1 − p_y)` from log-probabilities, `[batch, 2]`. */
const binary = (logP: tf.Tensor, target: tf.Tensor): tf.Tensor =>
  tf.stack([atTarget(logP, target), tf.logSumExp(withoutTarget(logP, target), -1)], -1);

/**
 * Decoupled knowledge distillation: `τ² · [ α KL(b_t ‖ b_s) + β KL(p̂_t ‖ p̂_s) ]`, where `b = (p_y, 1 − p_y)` and `p̂` is the
 * softmax over the classes other than the target y. Zhao et al. 2022, "Decoupled knowledge distillation", arXiv:2203.08679.
 *
 * `kd` is the case `α = 1`, `β = 1 − p_t(y)`. The defaults τ = 4, α = 1, β = 8 are the published code's for CIFAR-100 (β is 2 or 6 for
 * some of its pairs; for ImageNet τ = 1, β = 0.5), as is a weight that grows linearly from 0 over the first 20 epochs, which is
 * the edge's. The target class is taken out exactly, and not by subtracting 1000 as that code does.
 *
 * With two classes one is left beside the target: its part is 0, and the term refuses such a task.
 *
 * @param options - `temperature` 4, `alpha` 1, `beta` 8
 * @returns a term on logits `[batch, classes]` that also reads class labels (of a mixed label the largest share), of value `[batch]`
 * @throws CodistillError `OPTION_INVALID` for an option out of range
 * @example
 * const decoupled = dkd({ temperature: 4, beta: 6 });
 */
export const dkd = ({ temperature = 4, alpha = 1, beta = 8 }: DkdOptions = {}): Term<'dkd', 'node', 'logits', 'class'> => {
  notNegative('dkd', { alpha, beta });
  const τ = tempered('dkd', temperature);
  return defineTerm({
    package: '@codistill/losses',
    name: 'dkd',
    options: { temperature, alpha, beta },
    from: 'node',
    needs: ['logits'],
    labels: 'class',
    scalars: τ.scalars,
    refuses: ({ classes }) =>
      classes === 2 ? say.losses.twoClasses('dkd', 'one class is left beside the target, so that beta multiplies 0', `kd with weight ${alpha}`) : undefined,
    compute: (student, teacher, context) => {
      const target = targetClass(context.labels.class);
      const [logQ, logP] = [τ.logSoftmax(student.logits, context), τ.logSoftmax(teacher.logits, context)];
      const [restQ, restP] = [logQ, logP].map((log) => logSoftmax(withoutTarget(log, target))) as [tf.Tensor, tf.Tensor];
      const [ofTarget, ofOthers] = [kl(binary(logP, target), binary(logQ, target)), kl(restP, restQ)];
      return τ.squared(ofTarget.mul(alpha).add(ofOthers.mul(beta)), context);
    },
  });
};
