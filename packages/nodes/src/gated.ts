import { batchNormTraining, defineDerived, type Derived, filled, fold, type Readings } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { insistSeveral } from './insist-several.ts';
import { firstWeights } from './linear-map.ts';
import { pooled } from './pooled.ts';
import { softmax } from './softmax.ts';

/**
 * Options of {@link gated}.
 *
 * @example
 * const options: GatedOptions<'b1' | 'b2', 'net', 'block2'> = { of: ['b1', 'b2'], by: 'net', at: 'block2' };
 */
export interface GatedOptions<Of extends string = string, By extends string = string, At extends string = string> {
  /** The nodes whose logits are mixed, at least two. */
  readonly of: readonly Of[];
  /** The node whose features decide, most often the network that the branches share. */
  readonly by: By;
  /** Which tap of it, a map or a vector. */
  readonly at: At;
}

/** Added to variances, and how much of a moving average a step keeps: PyTorch's defaults. */
const [ε, KEEP] = [1e-5, 0.9];

/**
 * The on-the-fly native ensemble: logits of several nodes, mixed per example by a gate over shared features,
 *
 * `z_e = Σ_i g_i z_i`, `g = softmax( relu( BN( K · GAP(f) ) ) )`.
 *
 * Lan et al. 2018, "Knowledge distillation by on-the-fly native ensemble" (ONE), arXiv:1806.04606; their published code has the gate so,
 * but for a bias before the batch norm, which takes it away again.
 * There cross-entropy of z_e trains the gate (and the branches), and the target of distillation is detached, as edges do by default.
 * First weights are ours.
 *
 * @param options - `of`, `by`, `at`
 * @returns a node that emits `logits` and `tap:gate`, `[batch, members]`. It owns the parameters `kernel`, `gamma`, `beta` and the
 *   buffers `mean`, `variance`, the moving averages that are read outside of training
 * @throws CodistillError `MEMBERS_FEW`
 * @example
 * const ensemble = gated({ of: ['b1', 'b2', 'b3'], by: 'net', at: 'block2' });
 */
export const gated = <const Of extends string, const By extends string, const At extends string>({
  of,
  by,
  at,
}: GatedOptions<Of, By, At>): Derived<Of | By, 'logits' | 'tap:gate', never> => {
  insistSeveral('gated', of);
  const tap = `tap:${at}` as const;
  const names = [...new Set<Of | By>([...of, by])];
  return defineDerived<Of | By, 'logits' | 'tap:gate', never>({
    package: '@codistill/nodes',
    name: 'gated',
    options: { of: [...of], by, at },
    of: names,
    emits: ['logits', 'tap:gate'],
    needs: [],
    reads: Object.fromEntries(names.map((name) => [name, [...((of as readonly string[]).includes(name) ? ['logits' as const] : []), ...(name === by ? [tap] : [])]])) as never,
    state: (members, key) => {
      const width = members[names.indexOf(by)]?.[tap]?.at(-1) ?? 0;
      const count = of.length;
      return {
        parameters: { kernel: firstWeights(fold(key, 'kernel'), width, count), gamma: filled([count], 1), beta: filled([count]) },
        buffers: { mean: filled([count]), variance: filled([count], 1) },
      };
    },
    read: (readings, context) => {
      const members = readings as readonly Readings<'logits' | `tap:${At}`>[];
      const [gamma, beta, mean, variance] = ['gamma', 'beta', 'mean', 'variance'].map((name) => context.variable(name)) as unknown as [tf.Tensor1D, tf.Tensor1D, tf.Variable, tf.Variable];
      const scores = pooled((members[names.indexOf(by)] as Readings<`tap:${At}`>)[tap]).matMul(context.variable('kernel'));
      let normed: tf.Tensor;
      if (context.training) {
        const ofBatch = batchNormTraining(scores, gamma, beta, ε);
        normed = ofBatch.y;
        mean.assign(mean.mul(KEEP).add(ofBatch.mean.mul(1 - KEEP)));
        variance.assign(variance.mul(KEEP).add(ofBatch.variance.mul(1 - KEEP)));
      } else normed = scores.sub(mean).mul(gamma.div(tf.sqrt(variance.add(ε)))).add(beta);
      const gate = softmax(tf.relu(normed));
      const stacked = tf.stack(of.map((name) => (members[names.indexOf(name)] as Readings<'logits'>).logits), 1);
      return { logits: stacked.mul(gate.reshape([-1, of.length, 1])).sum(1), 'tap:gate': gate };
    },
  });
};
