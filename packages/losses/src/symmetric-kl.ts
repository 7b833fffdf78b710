import { defineTerm, type Scheduled, type Term } from '@codistill/core';
import { kl } from './kl.ts';
import { tempered } from './tempered.ts';

/**
 * Options of {@link symmetricKl}.
 *
 * @example
 * const options: SymmetricKlOptions = { temperature: 2 };
 */
export interface SymmetricKlOptions {
  /** Softens both distributions, above 0; a number or a schedule. Default 1. */
  readonly temperature?: Scheduled;
}

/**
 * Symmetric Kullback–Leibler divergence: `τ² · ½ [ KL(p ‖ q) + KL(q ‖ p) ]`, `p = softmax(t/τ)`, `q = softmax(s/τ)`.
 * Half of what Jeffreys 1946 writes; the half, τ² and the default τ = 1 are our choices.
 *
 * Both directions at once: the learner is drawn to cover its source and to avoid what its source avoids. It is the same for
 * both ends, so `.mutual(symmetricKl())` costs each pair of peers one kind of number.
 *
 * @param options - `temperature`, default 1
 * @returns a term on logits of any rank ≥ 2, of value `[batch]`
 * @throws CodistillError `OPTION_INVALID` for a constant temperature that is not above 0
 * @example
 * const betweenPeers = symmetricKl({ temperature: 2 });
 */
export const symmetricKl = ({ temperature = 1 }: SymmetricKlOptions = {}): Term<'symmetricKl', 'node', 'logits', never> => {
  const τ = tempered('symmetricKl', temperature);
  return defineTerm({
    package: '@codistill/losses',
    name: 'symmetricKl',
    options: { temperature },
    from: 'node',
    needs: ['logits'],
    scalars: τ.scalars,
    compute: (student, teacher, context) => {
      const [logQ, logP] = [τ.logSoftmax(student.logits, context), τ.logSoftmax(teacher.logits, context)];
      return τ.squared(kl(logP, logQ).add(kl(logQ, logP)).mul(0.5), context);
    },
  });
};
