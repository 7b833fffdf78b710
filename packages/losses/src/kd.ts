import { defineTerm, type Scheduled, type Term } from '@codistill/core';
import { kl } from './kl.ts';
import { tempered } from './tempered.ts';

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
  const τ = tempered('kd', temperature);
  return defineTerm({
    package: '@codistill/losses',
    name: 'kd',
    options: { temperature },
    from: 'node',
    needs: ['logits'],
    scalars: τ.scalars,
    compute: (student, teacher, context) => τ.squared(kl(τ.logSoftmax(teacher.logits, context), τ.logSoftmax(student.logits, context)), context),
  });
};
