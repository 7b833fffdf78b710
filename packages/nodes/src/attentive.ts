import { CodistillError, defineDerived, type Derived, fold, type Readings, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { insistSeveral } from './insist-several.ts';
import { firstWeights } from './linear-map.ts';
import { pooled } from './pooled.ts';
import { softmax } from './softmax.ts';

/**
 * Options of {@link attentive}.
 *
 * @example
 * const options: AttentiveOptions<'a' | 'b', 'pooled'> = { of: ['a', 'b'], at: 'pooled', reduce: 8 };
 */
export interface AttentiveOptions<Of extends string = string, At extends string = string> {
  /** The peers, at least two. */
  readonly of: readonly Of[];
  /** By which features they are compared: a tap that is equally wide in all. */
  readonly at: At;
  /** By what the width of queries and keys is divided; default 8, the published code's. Rounded down, at least one number remains. */
  readonly reduce?: number;
}

/**
 * A target for each peer of its own, mixed from all peers' logits by attention over their features: for peer a and every example
 *
 * `t_a = Σ_b A_ab z_b`, `A = softmax_b( q_a · k_b )`, `q = Q f`, `k = K f`.
 *
 * Chen et al. 2020, "Online knowledge distillation with diverse peers" (OKDDip), arXiv:1912.00350; their published code has linear maps
 * without bias that all peers share, no division by √d, and each peer among those it attends to.
 *
 * **Gradients.** That code detaches nothing: Q and K learn through the loss of distillation alone, so edges from these targets must
 * say `gradient: 'both'`. With the default they would stay as they began, which `.build()` refuses. First weights are ours.
 *
 * @param options - `of`, `at`, `reduce` (default 8)
 * @returns a node that emits `tap:<peer>/target`, `[batch, classes]`, for each: {@link output} makes nodes of them. It owns the parameters
 *   `query` and `key`, `[features, features / reduce]`
 * @throws CodistillError `MEMBERS_FEW`, `OPTION_INVALID`; from `state` `PEERS_DIFFER`
 * @example
 * const attention = attentive({ of: ['a', 'b', 'c'], at: 'pooled' });        // .node('attention', attention)
 * const forA = output({ of: 'attention', emit: { logits: 'tap:a/target' } }); // .node('forA', forA)
 */
export const attentive = <const Of extends string, const At extends string>({
  of,
  at,
  reduce = 8,
}: AttentiveOptions<Of, At>): Derived<Of, `tap:${Of}/target`, 'logits' | `tap:${At}`> => {
  insistSeveral('attentive', of);
  if (!(reduce >= 1 && reduce < Infinity)) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('attentive', 'reduce', reduce, 'a number of at least 1'));
  const tap = `tap:${at}` as const;
  type Member = Readings<'logits' | `tap:${At}`>;
  return defineDerived<Of, `tap:${Of}/target`, 'logits' | `tap:${At}`>({
    package: '@codistill/nodes',
    name: 'attentive',
    options: { of: [...of], at, reduce },
    of: [...of],
    emits: of.map((name) => `tap:${name}/target` as const),
    needs: ['logits', tap],
    state: (members, key) => {
      const widths = members.map((member) => member[tap]?.at(-1) ?? 0);
      const [width = 0] = widths;
      if (widths.some((other) => other !== width)) throw new CodistillError('PEERS_DIFFER', say.nodes.peersDiffer('attentive', at, widths));
      const narrow = Math.max(1, Math.floor(width / reduce));
      return { parameters: { query: firstWeights(fold(key, 'query'), width, narrow), key: firstWeights(fold(key, 'key'), width, narrow) }, buffers: {} };
    },
    read: (members, context) => {
      const each = (of: (member: Member) => tf.Tensor): tf.Tensor3D => tf.stack((members).map(of), 1) as tf.Tensor3D;
      const mapped = (name: string): tf.Tensor3D => each((member) => pooled(member[tap]).matMul(context.variable(name)));
      const attention = softmax(tf.matMul(mapped('query'), mapped('key'), false, true));
      const targets = tf.unstack(tf.matMul(attention, each(({ logits }) => logits)), 1);
      return Object.fromEntries(of.map((name, index) => [`tap:${name}/target`, targets[index]])) as never;
    },
  });
};
