import { CodistillError, defineDerived, type Derived, detach, fold, logSoftmax, normal, type Readings, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/**
 * Options of {@link instanceWeighted}.
 *
 * @example
 * const options: InstanceWeightedOptions<'t1' | 't2', 'student', 'last'> = { of: ['t1', 't2'], by: 'student', at: 'last', temperature: 5 };
 */
export interface InstanceWeightedOptions<Of extends string = string, By extends string = string, At extends string = string> {
  /** The teachers. */
  readonly of: readonly Of[];
  /** The node whose features decide: the student. */
  readonly by: By;
  /** Which tap of it: its last map, of which the maximum over height and width is taken, or a vector. */
  readonly at: At;
  /** At which their probabilities are mixed, above 0: that of the losses which read the node. Default 1. */
  readonly temperature?: number;
}

/**
 * Teachers weighted for each example: `q(x) = Σ_t w_t(x) softmax( z_t / T )`, `w = softmax_t( Wᵀ( θ_t ⊙ β(x) ) )`, with β the student's
 * features and a latent vector θ_t for each teacher.
 *
 * Liu et al. 2020, "Adaptive multi-teacher multi-level knowledge distillation" (AMTML-KD), arXiv:2103.04062; their published code mixes
 * probabilities so, begins with θ and W from N(0, 1), and has T = 5. There β passes the gradient on to the student, which may then choose the
 * teachers that are easy to follow; here β is detached.
 *
 * **Logits.** What is emitted is `T log q`, whose softmax at temperature T is exactly q: `kd({ temperature: T })` then has q for its target.
 * At another temperature it would have a power of q.
 *
 * **Learning.** θ and W learn through the losses that start here, so these must say `gradient: 'both'` while they do; in stages that `freeze`
 * the node the default will do. The code's `0.1 (‖W‖² + Σ ‖θ‖²)` is a weight decay of 0.2 in the node's own optimizer.
 *
 * @param options - `of`, `by`, `at`, `temperature` (default 1)
 * @returns a node that emits `logits` and `tap:weights`, `[batch, teachers]`. It owns the parameters `latent`, `[teachers, features]`, and `W`,
 *   `[features]`
 * @throws CodistillError `NO_MEMBERS`, `OPTION_INVALID`
 * @example
 * const mix = instanceWeighted({ of: ['t1', 't2', 't3'], by: 'student', at: 'last', temperature: 5 });
 */
export const instanceWeighted = <const Of extends string, const By extends string, const At extends string>({
  of,
  by,
  at,
  temperature = 1,
}: InstanceWeightedOptions<Of, By, At>): Derived<Of | By, 'logits' | 'tap:weights', never> => {
  if (of.length === 0) throw new CodistillError('NO_MEMBERS', say.ensembles.noMembers('instanceWeighted'));
  if (new Set<string>([...of, by]).size <= of.length) {
    throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('instanceWeighted', 'of', `[${of.join(', ')}]`, `different nodes, and none of them '${by}'`));
  }
  if (!(temperature > 0 && temperature < Infinity)) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('instanceWeighted', 'temperature', temperature, 'a number above 0'));
  const tap = `tap:${at}` as const;
  return defineDerived<Of | By, 'logits' | 'tap:weights', never>({
    package: '@codistill/nodes',
    name: 'instanceWeighted',
    options: { of: [...of], by, at, temperature },
    // First the student, whose view and labels are the node's.
    of: [by, ...of],
    emits: ['logits', 'tap:weights'],
    needs: [],
    reads: Object.fromEntries([[by, [tap]], ...of.map((name) => [name, ['logits']])]) as never,
    state: ([student], key) => {
      const width = student?.[tap]?.at(-1) ?? 0;
      return {
        parameters: {
          latent: { shape: [of.length, width], values: normal(fold(key, 'latent'), of.length * width) },
          W: { shape: [width], values: normal(fold(key, 'W'), width) },
        },
        buffers: {},
      };
    },
    read: ([student, ...teachers], context) => {
      const features = detach((student as Readings<`tap:${At}`>)[tap]);
      const strongest = features.rank === 2 ? features : features.max(features.shape.slice(1, -1).map((_, axis) => axis + 1));
      const scores = tf.matMul(strongest, context.variable('latent').mul(context.variable('W')), false, true);
      const logWeights = logSoftmax(scores);
      const logs = tf.stack(teachers.map((teacher) => (teacher as Readings<'logits'>).logits).map((logits) => logSoftmax(temperature === 1 ? logits : logits.div(temperature))), 1);
      const logQ = tf.logSumExp(logs.add(logWeights.reshape([-1, of.length, 1])), 1);
      return { logits: temperature === 1 ? logQ : logQ.mul(temperature), 'tap:weights': logWeights.exp() };
    },
  });
};
