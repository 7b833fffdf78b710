import { defineDerived, type Derived, fold } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { firstBiases, firstWeights } from './linear-map.ts';
import { insistSeveral } from './insist-several.ts';
import { pooled } from './pooled.ts';

/**
 * Options of {@link concatClassifier}.
 *
 * @example
 * const options: ConcatClassifierOptions<'p1' | 'p2', 'pooled'> = { of: ['p1', 'p2'], at: 'pooled' };
 */
export interface ConcatClassifierOptions<Of extends string = string, At extends string = string> {
  /** The members, at least two. */
  readonly of: readonly Of[];
  /** Which tap of each. */
  readonly at: At;
}

/**
 * The peer ensemble teacher: a linear classifier over the features of all members side by side,
 *
 * `z = [f_1, …, f_m] · K + b`.
 *
 * Wu & Gong 2021, "Peer collaborative learning for online knowledge distillation" (PCL), arXiv:2006.04147, as a reproduction of it
 * has it: K and b are trained by cross-entropy of z, whose gradient flows on into the members' features. Maps are averaged over height and width
 * first. Rows are matched one by one: members may see views of their own of the same examples.
 *
 * @param options - `of`, `at`
 * @returns a node that emits `logits`. It owns the parameters `kernel`, `[features of all, classes]`, and `bias`, `[classes]`
 * @throws CodistillError `MEMBERS_FEW`
 * @example
 * const ensemble = concatClassifier({ of: ['p1', 'p2', 'p3'], at: 'pooled' });
 */
export const concatClassifier = <const Of extends string, const At extends string>({ of, at }: ConcatClassifierOptions<Of, At>): Derived<Of, 'logits', `tap:${At}`> => {
  insistSeveral('concatClassifier', of);
  const tap = `tap:${at}` as const;
  return defineDerived({
    package: '@codistill/nodes',
    name: 'concatClassifier',
    options: { of: [...of], at },
    of: [...of],
    emits: ['logits'],
    needs: [tap],
    state: (members, key, classes) => {
      const width = members.reduce((sum, member) => sum + (member[tap]?.at(-1) ?? 0), 0);
      return { parameters: { kernel: firstWeights(fold(key, 'kernel'), width, classes), bias: firstBiases(classes) }, buffers: {} };
    },
    read: (members, context) => ({ logits: tf.concat(members.map((member) => pooled(member[tap])), 1).matMul(context.variable('kernel')).add(context.variable('bias')) }),
  });
};
