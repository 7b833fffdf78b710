import { CodistillError, defineTerm, say, type Scheduled, type Term } from '@codistill/core';
import { kl } from './kl.ts';

/**
 * Options of {@link kd}.
 *
 * @example
 * const options: KdOptions = { temperature: 4 };
 */
export interface KdOptions {
  /** Softens both distributions, above 0; a number or a schedule. Default 1, at which KD is plain KL divergence. */
  readonly temperature?: Scheduled;
}

/**
 * Knowledge distillation: `τ² · KL( softmax(t/τ) ‖ softmax(s/τ) )`.
 * Hinton, Vinyals & Dean 2015, "Distilling the knowledge in a neural network", arXiv:1503.02531.
 *
 * The sum over classes, the mean over pixels (if any); the engine takes the mean over the batch. τ² is always kept, so that the
 * gradient's scale hardly depends on the temperature. The source is not detached here: that belongs to the edge.
 *
 * The default τ = 1 is our choice; 4 is what the usual CIFAR-100 protocol distils a teacher with.
 *
 * @param options - `temperature`, default 1
 * @returns a term on logits `[batch, classes]` or `[batch, height, width, classes]`, of value `[batch]`
 * @throws CodistillError `OPTION_INVALID` for a constant temperature that is not above 0
 * @example
 * const fromTeacher = kd({ temperature: 4 });
 * const fromPeers = kd();
 */
export const kd = ({ temperature = 1 }: KdOptions = {}): Term<'kd', 'node', 'logits', never> => {
  if (typeof temperature === 'number' && !(temperature > 0 && temperature < Infinity)) {
    throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('kd', 'temperature', temperature, 'a number above 0'));
  }
  const origin = { package: '@codistill/losses', name: 'kd', options: { temperature }, from: 'node', needs: ['logits'] } as const;
  // At 1 the log-softmax is the one that cross-entropy asks for, and is computed once for both.
  if (temperature === 1) {
    return defineTerm({
      ...origin,
      compute: (student, teacher, context) => kl(context.logSoftmax(teacher.logits), context.logSoftmax(student.logits)),
    });
  }
  return defineTerm({
    ...origin,
    scalars: { temperature },
    compute: (student, teacher, context) => {
      const τ = context.scalar('temperature');
      return kl(context.logSoftmax(teacher.logits, τ), context.logSoftmax(student.logits, τ)).mul(τ.square());
    },
  });
};
