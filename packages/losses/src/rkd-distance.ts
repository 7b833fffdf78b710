import { defineTerm, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { huber } from './huber.ts';
import { rows } from './rows.ts';
import { type SignalAt, signalAt } from './signal-at.ts';

/**
 * Options of {@link rkdDistance}.
 *
 * @example
 * const options: RkdDistanceOptions<'pooled'> = { at: 'pooled' };
 */
export interface RkdDistanceOptions<At extends string = never> {
  /** The tap to compare, by the name it has in both models; best a pooled one. Default: the logits. */
  readonly at?: At;
}

/** `‖e_i − e_j‖₂` over its mean over `i ≠ j`, `[batch, batch]`. Equal embeddings are 10⁻⁶ apart, and have no gradient. */
const relativeDistances = (e: tf.Tensor2D): tf.Tensor => {
  const batch = e.shape[0];
  const squares = e.expandDims(1).sub(e.expandDims(0)).square().sum(-1);
  const d = tf.sqrt(tf.maximum(squares, 1e-12)).mul(tf.sub(1, tf.eye(batch)));
  return d.div(tf.maximum(d.sum().div(Math.max(1, batch * (batch - 1))), 1e-6));
};

/**
 * Relational distillation of distances: `mean_ij huber( d_s(i,j) − d_t(i,j) )`, with `d(i,j) = ‖e_i − e_j‖₂` over its mean over the
 * batch. Park et al. 2019, "Relational knowledge distillation", arXiv:1904.05068.
 *
 * Widths, and even shapes, of the two taps may differ. The authors' code weighs it 1, and 2 for {@link rkdAngle}; the usual
 * CIFAR-100 protocol 25 and 50. Needs memory for `batch² · elements` numbers.
 *
 * @param options - `at`, default the logits
 * @returns a term on a tap (or logits) of any rank ≥ 2, which is flattened, of scalar value: examples interact
 * @example
 * const distances = rkdDistance({ at: 'pooled' });
 */
export const rkdDistance = <const At extends string = never>({ at }: RkdDistanceOptions<At> = {}): Term<'rkdDistance', 'node', SignalAt<At>, never> => {
  const signal = signalAt<At>(at);
  return defineTerm({
    package: '@codistill/losses',
    name: 'rkdDistance',
    options: { at },
    from: 'node',
    needs: [signal],
    compute: (student, teacher) => huber(relativeDistances(rows(student[signal])).sub(relativeDistances(rows(teacher[signal])))).mean(),
  });
};
