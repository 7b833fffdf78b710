import { defineTerm, say, type Scheduled, type Term } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';
import { correlation } from './correlation.ts';
import { notNegative } from './not-negative.ts';
import { tempered } from './tempered.ts';

/**
 * Options of {@link dist}.
 *
 * @example
 * const binary: DistOptions = { inter: 0 };
 */
export interface DistOptions {
  /** Softens both distributions, above 0; a number or a schedule. Default 1. */
  readonly temperature?: Scheduled;
  /** Weight of the correlation between the classes of an example (the paper's β); default 1. */
  readonly inter?: number;
  /** Weight of the correlation between the examples for a class (the paper's γ); default 1. */
  readonly intra?: number;
}

/**
 * Distillation of relations: `τ² · [ β (1 − mean_b ρ(p_s[b,·], p_t[b,·])) + γ (1 − mean_c ρ(p_s[·,c], p_t[·,c])) ]` with Pearson's
 * ρ and `p = softmax(z/τ)`. Huang et al. 2022, "Knowledge distillation from a stronger teacher", arXiv:2205.10536.
 *
 * β = γ = 1 under a weight of 2 are the published code's, with τ = 1 for ImageNet and 4 for CIFAR-100; τ² is in that code and not in the
 * paper's listing. A class that is equally likely for the whole batch has no correlation: it counts 1 and teaches nothing, so
 * batches should be 32 or more. Pixels, if any, count as examples.
 *
 * Two numbers that sum to 1 always correlate by ±1: with two classes the term refuses the task unless `inter` is 0.
 *
 * @param options - `temperature` 1, `inter` 1, `intra` 1
 * @returns a term on logits of any rank ≥ 2, of scalar value: examples interact
 * @throws CodistillError `OPTION_INVALID` for an option out of range
 * @example
 * const relations = dist({ temperature: 4 });
 */
export const dist = ({ temperature = 1, inter = 1, intra = 1 }: DistOptions = {}): Term<'dist', 'node', 'logits', never> => {
  notNegative('dist', { inter, intra });
  const τ = tempered('dist', temperature);
  return defineTerm({
    package: '@codistill/losses',
    name: 'dist',
    options: { temperature, inter, intra },
    from: 'node',
    needs: ['logits'],
    scalars: τ.scalars,
    refuses: ({ classes }) =>
      classes === 2 && inter > 0 ? say.losses.twoClasses('dist', 'two probabilities always correlate by 1 or −1', 'dist({ inter: 0 })') : undefined,
    compute: (student, teacher, context) => {
      const [s, t] = [student, teacher].map(({ logits }) => τ.logSoftmax(logits, context).exp().reshape([-1, logits.shape.at(-1) ?? 1])) as [tf.Tensor, tf.Tensor];
      const betweenClasses = correlation(s, t).mean().mul(-inter).add(inter);
      const betweenExamples = correlation(s.transpose(), t.transpose()).mean().mul(-intra).add(intra);
      return τ.squared(betweenClasses.add(betweenExamples), context);
    },
  });
};
