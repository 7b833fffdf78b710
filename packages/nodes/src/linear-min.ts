import { CodistillError, defineDerived, type Derived, type Labels, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { insistSeveral } from './insist-several.ts';
import { crossEntropies, stackedLogits } from './label-errors.ts';
import { offTape } from './off-tape.ts';

/**
 * Options of {@link linearMin}.
 *
 * @example
 * const options: LinearMinOptions<'a' | 'b'> = { of: ['a', 'b'], rounds: 20 };
 */
export interface LinearMinOptions<Of extends string = string> {
  /** The members, at least two. */
  readonly of: readonly Of[];
  /** How often the shares are improved, at least 1; default 20, which came within 0.001 of the least loss in our trials. Each costs two softmaxes of the batch. */
  readonly rounds?: number;
}

const mixedBy = (shares: tf.Tensor1D, logits: tf.Tensor3D): tf.Tensor2D => logits.mul(shares.reshape([-1, 1, 1])).sum(0);

/**
 * `argmin_{a ≥ 0, Σ a = 1} mean_b CE( Σ_i a_i z_i, y )`, a convex problem, by exponentiated gradient `a ← a e^{−η g} / Σ` (Kivinen & Warmuth
 * 1997) from equal shares: a step that does not lower the loss is taken back, and η halves twice then and doubles otherwise. No value is read.
 */
const leastShares = (logits: tf.Tensor3D, labels: Labels<'class', tf.Tensor>, rounds: number): tf.Tensor1D => {
  const count = logits.shape[0];
  const lossOf = (shares: tf.Tensor1D): tf.Tensor => crossEntropies(mixedBy(shares, logits), labels).mean();
  // Of no more than 1 first: the curvature is at most a quarter of the squared range of the logits.
  const range = logits.max(-1).sub(logits.min(-1)).max();
  let shares: tf.Tensor1D = tf.fill([count], 1 / count);
  let loss = lossOf(shares);
  let η: tf.Tensor = tf.div(4, tf.maximum(range.square(), 1));
  for (let round = 0; round < rounds; round++) {
    const error = tf.softmax(mixedBy(shares, logits)).sub(labels.class);
    const gradient = logits.mul(error).sum(-1).mean<tf.Tensor1D>(1);
    const tried = tf.softmax(tf.log(tf.maximum<tf.Tensor1D>(shares, 1e-30)).sub<tf.Tensor1D>(gradient.mul(η)));
    const then = lossOf(tried);
    const better = then.less(loss);
    shares = tf.where(better, tried, shares);
    loss = tf.where(better, then, loss);
    η = tf.where(better, η.mul(2), η.div(4));
  }
  return shares;
};

/**
 * The mixture of the members' logits that fits the labels of the batch best: `z = Σ_i a_i z_i`, `a = argmin_{a ≥ 0, Σ a = 1} CE(z, y)`.
 *
 * Guo et al. 2020, "Online knowledge distillation via collaborative learning" (KDCL), there KDCL-Linear. How the minimum is found is ours: a
 * fixed number of rounds of exponentiated gradient with a step that adapts, so that the loss never rises above that of the plain mean. No
 * gradient flows into a; where an edge lets it, it flows into the logits.
 *
 * @param options - `of`, `rounds` (default 20)
 * @returns a node that emits `logits` and reads class labels: it exists in training only
 * @throws CodistillError `MEMBERS_FEW`, `OPTION_INVALID`
 * @example
 * const target = linearMin({ of: ['a', 'b'] });
 */
export const linearMin = <const Of extends string>({ of, rounds = 20 }: LinearMinOptions<Of>): Derived<Of, 'logits', 'logits', 'class'> => {
  insistSeveral('linearMin', of);
  if (!(Number.isInteger(rounds) && rounds >= 1)) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('linearMin', 'rounds', rounds, 'a whole number of at least 1'));
  return defineDerived({
    package: '@codistill/nodes',
    name: 'linearMin',
    options: { of: [...of], rounds },
    of: [...of],
    emits: ['logits'],
    labels: 'class',
    read: (members, { labels }) => {
      const logits = stackedLogits(members);
      return { logits: mixedBy(offTape(logits, (z) => leastShares(z, labels, rounds)), logits) };
    },
  });
};
