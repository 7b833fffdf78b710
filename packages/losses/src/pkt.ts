import { defineTerm, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { rows } from './rows.ts';
import { type SignalAt, signalAt } from './signal-at.ts';
import { unit } from './unit.ts';

/**
 * Options of {@link pkt}.
 *
 * @example
 * const options: PktOptions<'pooled'> = { at: 'pooled' };
 */
export interface PktOptions<At extends string = never> {
  /** The tap to compare, by the name it has in both models; best a pooled one. Default: the logits. */
  readonly at?: At;
}

const ε = 1e-7;

/** How likely i is to meet j: similarities `(cos + 1)/2` over their sum, plus ε. */
const affinities = (e: tf.Tensor2D): tf.Tensor => {
  const directions = unit(e);
  const similar = tf.matMul(directions, directions, false, true).add(1).mul(0.5);
  return similar.div(similar.sum(-1, true)).add(ε);
};

/**
 * Probabilistic knowledge transfer: `mean_ij P_t(j|i) log( P_t(j|i) / P_s(j|i) )`, where `P(j|i)` is how similar i and j are,
 * `(cos(e_i, e_j) + 1)/2`, over the sum of it over j. Passalis & Tefas 2018, "Learning deep representations with probabilistic
 * knowledge transfer", arXiv:1803.10837.
 *
 * Widths, and even shapes, of the two taps may differ. The usual weight of 30 000 goes with the mean over batch² pairs, which
 * makes values small.
 *
 * @param options - `at`, default the logits
 * @returns a term on a tap (or logits) of any rank ≥ 2, which is flattened, of scalar value: examples interact
 * @example
 * const neighbours = pkt({ at: 'pooled' });
 */
export const pkt = <const At extends string = never>({ at }: PktOptions<At> = {}): Term<'pkt', 'node', SignalAt<At>, never> => {
  const signal = signalAt<At>(at);
  return defineTerm({
    package: '@codistill/losses',
    name: 'pkt',
    options: { at },
    from: 'node',
    needs: [signal],
    compute: (student, teacher) => {
      const [Ps, Pt] = [affinities(rows(student[signal])), affinities(rows(teacher[signal]))];
      return Pt.sub(ε).mul(Pt.log().sub(Ps.log())).mean();
    },
  });
};
