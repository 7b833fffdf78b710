import { type Copy, defineCopy } from '@codistill/core';

/**
 * Options of {@link snapshot}.
 *
 * @example
 * const options: SnapshotOptions<'a'> = { of: 'a', at: 'together' };
 */
export interface SnapshotOptions<Of extends string = string> {
  /** The node whose weights are kept. */
  readonly of: Of;
  /** The stage at whose beginning they are taken; default: the weights before the first step. */
  readonly at?: string;
}

/**
 * A frozen self: a copy that takes a node's weights over once and stays as it is, such as the pretrained copy that a network goes on
 * learning from (CTSL-MKT, arXiv:2101.08471) or the weights an anchor pulls back to (ATSC, arXiv:2406.08528). It is read in inference mode.
 *
 * @param options - `of`, `at` (default: before the first step)
 * @returns a node that emits what its original does and is never trained
 * @example
 * const before = snapshot({ of: 'teacher' });
 * const alone = snapshot({ of: 'a', at: 'together' });
 */
export const snapshot = <const Of extends string>({ of, at }: SnapshotOptions<Of>): Copy<Of> =>
  defineCopy({
    package: '@codistill/nodes',
    name: 'snapshot',
    options: { of, ...(at === undefined ? {} : { at }) },
    of: [of],
    follows: at === undefined ? { once: 'start' } : { once: 'stage', stage: at },
    mode: 'inference',
  });
