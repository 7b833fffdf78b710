import { defineDerived, type Derived } from '@codistill/core';
import { insistSeveral } from './insist-several.ts';
import { stackedLogits } from './label-errors.ts';

/**
 * Options of {@link minLogit}.
 *
 * @example
 * const options: MinLogitOptions<'a' | 'b'> = { of: ['a', 'b'] };
 */
export interface MinLogitOptions<Of extends string = string> {
  /** The members, at least two. */
  readonly of: readonly Of[];
}

/**
 * The least of what any member says against the label, class by class: `z_j = min_i ( z_ij − z_iy )`, so that the label's own logit is 0.
 *
 * Guo et al. 2020, "Online knowledge distillation via collaborative learning" (KDCL), there KDCL-MinLogit; CMT-KD, arXiv:2210.16103, takes its
 * ensemble target so. Of mixed labels, `z_iy` is the mean over the label's classes; that is ours. Gradients flow into the logits
 * that are the least, where an edge lets them.
 *
 * With two classes it is no ensemble: the target is that of the single member that is surest of the label.
 *
 * @param options - `of`
 * @returns a node that emits `logits` and reads class labels: it exists in training only
 * @throws CodistillError `MEMBERS_FEW`
 * @example
 * const target = minLogit({ of: ['a', 'b'] });
 */
export const minLogit = <const Of extends string>({ of }: MinLogitOptions<Of>): Derived<Of, 'logits', 'logits', 'class'> => {
  insistSeveral('minLogit', of);
  return defineDerived({
    package: '@codistill/nodes',
    name: 'minLogit',
    options: { of: [...of] },
    of: [...of],
    emits: ['logits'],
    labels: 'class',
    read: (members, { labels }) => {
      const logits = stackedLogits(members);
      return { logits: logits.sub(logits.mul(labels.class).sum(-1, true)).min(0) };
    },
  });
};
