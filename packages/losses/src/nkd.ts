import { defineTerm, logSoftmax, say, type Scheduled, type Term } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';
import { notNegative } from './not-negative.ts';
import { atTarget, targetClass, withoutTarget } from './target-class.ts';
import { tempered } from './tempered.ts';

/**
 * Options of {@link nkd}.
 *
 * @example
 * const options: NkdOptions = { gamma: 1.5 };
 */
export interface NkdOptions {
  /** Softens the distributions over the classes that are not the target, above 0; a number or a schedule. Default 1. */
  readonly temperature?: Scheduled;
  /** Weight of those classes; default 1.5. */
  readonly gamma?: number;
}

/**
 * Normalised knowledge distillation: `−p_t(y) log p_s(y) − γ τ² Σ_{c≠y} p̂_t(c) log p̂_s(c)`, where `p̂` is the softmax of the
 * logits other than that of the target y, divided by τ.
 * After Yang et al. 2023, "From knowledge distillation to self-knowledge distillation: a unified approach with normalized loss and
 * customized soft labels", arXiv:2303.13005. Form and defaults have not been compared with the authors' code: take both as our
 * reading.
 *
 * It is a cross-entropy: where both ends agree it is as large as the source is unsure, and only its gradient is 0. With two
 * classes one is left beside the target, its part is 0, and the term refuses such a task.
 *
 * @param options - `temperature` 1, `gamma` 1.5
 * @returns a term on logits `[batch, classes]` that also reads class labels (of a mixed label the largest share), of value `[batch]`
 * @throws CodistillError `OPTION_INVALID` for an option out of range
 * @example
 * const normalised = nkd({ gamma: 1.5 });
 */
export const nkd = ({ temperature = 1, gamma = 1.5 }: NkdOptions = {}): Term<'nkd', 'node', 'logits', 'class'> => {
  notNegative('nkd', { gamma });
  const τ = tempered('nkd', temperature);
  return defineTerm({
    package: '@codistill/losses',
    name: 'nkd',
    options: { temperature, gamma },
    from: 'node',
    needs: ['logits'],
    labels: 'class',
    scalars: τ.scalars,
    refuses: ({ classes }) =>
      classes === 2 ? say.losses.twoClasses('nkd', 'one class is left beside the target, so that gamma multiplies 0', 'kd') : undefined,
    compute: (student, teacher, context) => {
      const target = targetClass(context.labels.class);
      const [logQ, logP] = [context.logSoftmax(student.logits), context.logSoftmax(teacher.logits)];
      const [restQ, restP] = [student, teacher].map(({ logits }) => logSoftmax(τ.divided(withoutTarget(logits, target), context))) as [tf.Tensor, tf.Tensor];
      const ofTarget = atTarget(logP, target).exp().mul(atTarget(logQ, target));
      const ofOthers = restP.exp().mul(restQ).sum(-1);
      return ofTarget.add(τ.squared(ofOthers.mul(gamma), context)).neg();
    },
  });
};
