import { CodistillError, defineDerived, type Derived, type HostArray, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { insistSeveral } from './insist-several.ts';
import { stackedLogits } from './label-errors.ts';
import { offTape } from './off-tape.ts';

/**
 * Options of {@link generalMin}.
 *
 * @example
 * const options: GeneralMinOptions<'a' | 'b'> = { of: ['a', 'b'], decay: 0.99 };
 */
export interface GeneralMinOptions<Of extends string = string> {
  /** The members, at least two. */
  readonly of: readonly Of[];
  /** How much of the covariance a step keeps, from 0 to below 1; default 0.99. */
  readonly decay?: number;
}

const identity = (size: number): HostArray => ({ shape: [size, size], values: Float32Array.from({ length: size * size }, (_, at) => Number(at % (size + 1) === 0)) });

/** `C⁻¹ 1 / (1ᵀ C⁻¹ 1)`, by Gauss and Jordan's elimination, without a choice of pivots: C is positive definite. */
const leastVariance = (covariance: tf.Tensor2D): tf.Tensor1D => {
  const size = covariance.shape[0];
  const unit = tf.eye(size);
  // Twins make C singular, and are then weighted alike.
  const ridge = tf.add(covariance.mul(unit).sum().mul(1e-5 / size), 1e-12);
  let system = tf.concat([covariance.add(unit.mul(ridge)), tf.ones([size, 1])], 1);
  for (let row = 0; row < size; row++) {
    const pivot = system.slice([row, 0], [1, size + 1]).div(system.slice([row, row], [1, 1]));
    system = system.sub(tf.matMul(system.slice([0, row], [size, 1]).sub(unit.slice([0, row], [size, 1])), pivot));
  }
  const solved = system.slice([0, size], [size, 1]).reshape<tf.Tensor1D>([size]);
  return solved.div(solved.sum());
};

/**
 * The mixture of the members' logits whose errors should cancel: `z = Σ_i w_i z_i`, `w = C⁻¹ 1 / (1ᵀ C⁻¹ 1)` with the covariance of errors
 * `C_ij = mean_b Σ_c ( softmax(z_i) − y )_c ( softmax(z_j) − y )_c`. Weights sum to 1 and may be negative.
 *
 * Guo et al. 2020, "Online knowledge distillation via collaborative learning" (KDCL), there KDCL-General, with C of a held-out set, once an
 * epoch. A step sees no held-out set. **Our stand-in** is a running covariance of the errors on training batches *before* the present one,
 * `C ← d C + (1 − d) C_batch` from the identity, so that w begins as the plain mean; what networks have learnt by heart makes it too sure of
 * them. That errors are those of probabilities, and d = 0.99, are ours as well. No gradient flows into w; where an edge lets it, it flows
 * into the logits.
 *
 * @param options - `of`, `decay` (default 0.99)
 * @returns a node that emits `logits` and reads class labels: it exists in training only. It owns the buffer `covariance`, `[members, members]`,
 *   and nothing that learns
 * @throws CodistillError `MEMBERS_FEW`, `OPTION_INVALID`
 * @example
 * const target = generalMin({ of: ['a', 'b', 'c'] });
 */
export const generalMin = <const Of extends string>({ of, decay = 0.99 }: GeneralMinOptions<Of>): Derived<Of, 'logits', 'logits', 'class'> => {
  insistSeveral('generalMin', of);
  if (!(decay >= 0 && decay < 1)) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('generalMin', 'decay', decay, 'at least 0 and below 1'));
  return defineDerived({
    package: '@codistill/nodes',
    name: 'generalMin',
    options: { of: [...of], decay },
    of: [...of],
    emits: ['logits'],
    labels: 'class',
    learns: false,
    state: () => ({ parameters: {}, buffers: { covariance: identity(of.length) } }),
    read: (members, { labels, training, variable }) => {
      const covariance = variable('covariance');
      const weights = leastVariance(covariance as tf.Tensor as tf.Tensor2D);
      const logits = stackedLogits(members);
      if (training) {
        const ofBatch = offTape(logits, (z) => {
          const errors = tf.softmax(z).sub(labels.class).reshape([of.length, -1]);
          return tf.matMul(errors, errors, false, true).div(z.shape[1]);
        });
        covariance.assign(covariance.mul(decay).add(ofBatch.mul(1 - decay)));
      }
      return { logits: logits.mul(weights.reshape([-1, 1, 1])).sum(0) };
    },
  });
};
