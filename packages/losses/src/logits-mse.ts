import { defineTerm, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { perExample } from './per-example.ts';

/**
 * Regression on logits: `(1/C) Σ_c (s_c − t_c)²`.
 * After Ba & Caruana 2014, "Do deep nets really need to be deep?", arXiv:1312.6184; the mean over classes (and pixels, if any)
 * in place of half the sum is our choice: multiply the edge's weight by C/2 for the other.
 *
 * Unlike {@link kd} it also matches the logits' offset, which no probability depends on.
 *
 * @returns a term on logits of any rank ≥ 2, of value `[batch]`
 * @example
 * const regression = logitsMse();
 */
export const logitsMse = (): Term<'logitsMse', 'node', 'logits', never> =>
  defineTerm({
    package: '@codistill/losses',
    name: 'logitsMse',
    from: 'node',
    needs: ['logits'],
    compute: (student, teacher) => perExample(tf.squaredDifference(student.logits, teacher.logits)),
  });
