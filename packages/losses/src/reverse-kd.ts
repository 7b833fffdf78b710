import { defineTerm, type Scheduled, type Term } from '@codistill/core';
import { kl } from './kl.ts';
import { tempered } from './tempered.ts';

/**
 * Options of {@link reverseKd}.
 *
 * @example
 * const options: ReverseKdOptions = { temperature: 2 };
 */
export interface ReverseKdOptions {
  /** Softens both distributions, above 0; a number or a schedule. Default 1. */
  readonly temperature?: Scheduled;
}

/**
 * Distillation by the reverse divergence: `τ² · KL( softmax(s/τ) ‖ softmax(t/τ) )`.
 *
 * Where `kd` makes a small learner spread over everything its source finds possible, this one lets it settle on the source's
 * strongest answer. τ² and the default τ = 1 are our choices.
 *
 * @param options - `temperature`, default 1
 * @returns a term on logits of any rank ≥ 2, of value `[batch]`
 * @throws CodistillError `OPTION_INVALID` for a constant temperature that is not above 0
 * @example
 * const strongest = reverseKd({ temperature: 2 });
 */
export const reverseKd = ({ temperature = 1 }: ReverseKdOptions = {}): Term<'reverseKd', 'node', 'logits', never> => {
  const τ = tempered('reverseKd', temperature);
  return defineTerm({
    package: '@codistill/losses',
    name: 'reverseKd',
    options: { temperature },
    from: 'node',
    needs: ['logits'],
    scalars: τ.scalars,
    compute: (student, teacher, context) => τ.squared(kl(τ.logSoftmax(student.logits, context), τ.logSoftmax(teacher.logits, context)), context),
  });
};
