import { defineTerm, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { huber } from './huber.ts';
import { rows } from './rows.ts';
import { type SignalAt, signalAt } from './signal-at.ts';
import { unit } from './unit.ts';

/**
 * Options of {@link rkdAngle}.
 *
 * @example
 * const options: RkdAngleOptions<'pooled'> = { at: 'pooled' };
 */
export interface RkdAngleOptions<At extends string = never> {
  /** The tap to compare, by the name it has in both models; best a pooled one. Default: the logits. */
  readonly at?: At;
}

/** The cosine at i between the ways to j and to k, `[batch, batch, batch]`; 0 where two of them coincide. */
const cosines = (e: tf.Tensor2D): tf.Tensor => {
  const ways = unit(tf.sub(e.expandDims(0), e.expandDims(1)));
  return tf.matMul(ways, ways, false, true);
};

/**
 * Relational distillation of angles: `mean_ijk huber( cos_s(j,i,k) − cos_t(j,i,k) )` over all triplets of a batch.
 * Park et al. 2019, "Relational knowledge distillation", arXiv:1904.05068.
 *
 * Widths, and even shapes, of the two taps may differ. The authors' code weighs it 2, and 1 for {@link rkdDistance}; the usual
 * CIFAR-100 protocol 50 and 25. Needs memory for `batch² · elements + batch³` numbers: keep batches at 128 or below.
 *
 * @param options - `at`, default the logits
 * @returns a term on a tap (or logits) of any rank ≥ 2, which is flattened, of scalar value: examples interact
 * @example
 * const angles = rkdAngle({ at: 'pooled' });
 */
export const rkdAngle = <const At extends string = never>({ at }: RkdAngleOptions<At> = {}): Term<'rkdAngle', 'node', SignalAt<At>, never> => {
  const signal = signalAt<At>(at);
  return defineTerm({
    package: '@codistill/losses',
    name: 'rkdAngle',
    options: { at },
    from: 'node',
    needs: [signal],
    compute: (student, teacher) => huber(cosines(rows(student[signal])).sub(cosines(rows(teacher[signal])))).mean(),
  });
};
