import { defineDerived, type Derived } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { insistSeveral } from './insist-several.ts';
import { crossEntropies, stackedLogits } from './label-errors.ts';
import { offTape } from './off-tape.ts';

/**
 * Options of {@link naive}.
 *
 * @example
 * const options: NaiveOptions<'a' | 'b'> = { of: ['a', 'b'] };
 */
export interface NaiveOptions<Of extends string = string> {
  /** The members, at least two. */
  readonly of: readonly Of[];
}

/**
 * The logits of the member that knows the label best: `z = z_k`, `k = argmin_i CE(z_i, y)`.
 *
 * Guo et al. 2020, "Online knowledge distillation via collaborative learning" (KDCL), there KDCL-Naive. That each example has a k of its own,
 * and that the first of equals is taken, is our reading. Gradients flow into the logits that were chosen, where an edge lets them.
 *
 * @param options - `of`
 * @returns a node that emits `logits` and reads class labels: it exists in training only
 * @throws CodistillError `MEMBERS_FEW`
 * @example
 * const target = naive({ of: ['a', 'b'] });
 */
export const naive = <const Of extends string>({ of }: NaiveOptions<Of>): Derived<Of, 'logits', 'logits', 'class'> => {
  insistSeveral('naive', of);
  return defineDerived({
    package: '@codistill/nodes',
    name: 'naive',
    options: { of: [...of] },
    of: [...of],
    emits: ['logits'],
    labels: 'class',
    read: (members, { labels }) => {
      const logits = stackedLogits(members);
      const chosen = offTape(logits, (z) => tf.oneHot(crossEntropies(z, labels).argMin(0), of.length).transpose().reshape([of.length, -1, 1]).cast('float32'));
      return { logits: logits.mul(chosen).sum(0) };
    },
  });
};
