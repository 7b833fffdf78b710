import { defineTerm, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { rows } from './rows.ts';
import { type SignalAt, signalAt } from './signal-at.ts';
import { unit } from './unit.ts';

/**
 * Options of {@link sp}.
 *
 * @example
 * const options: SpOptions<'last'> = { at: 'last' };
 */
export interface SpOptions<At extends string = never> {
  /** The tap to compare, by the name it has in both models; usually the last map. Default: the logits. */
  readonly at?: At;
}

/** `F Fᵀ`, each row of length 1. */
const similarities = (f: tf.Tensor2D): tf.Tensor => unit(tf.matMul(f, f, false, true));

/**
 * Similarity-preserving distillation: `‖ G_s − G_t ‖²_F / batch²`, with `G` the Gram matrix of the flattened tap, `F Fᵀ`, its rows
 * brought to length 1. Tung & Mori 2019, "Similarity-preserving knowledge distillation", arXiv:1907.09682.
 *
 * Shapes of the two taps may differ. The usual weight is 3000.
 *
 * @param options - `at`, default the logits
 * @returns a term on a tap (or logits) of any rank ≥ 2, which is flattened, of scalar value: examples interact
 * @example
 * const whoIsAlike = sp({ at: 'last' });
 */
export const sp = <const At extends string = never>({ at }: SpOptions<At> = {}): Term<'sp', 'node', SignalAt<At>, never> => {
  const signal = signalAt<At>(at);
  return defineTerm({
    package: '@codistill/losses',
    name: 'sp',
    options: { at },
    from: 'node',
    needs: [signal],
    compute: (student, teacher) => tf.squaredDifference(similarities(rows(student[signal])), similarities(rows(teacher[signal]))).mean(),
  });
};
