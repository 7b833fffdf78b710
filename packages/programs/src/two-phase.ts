import { defineProgram, type Program } from '@codistill/core';

/**
 * Options of {@link twoPhase}.
 *
 * @example
 * const options: TwoPhaseOptions = { phase: 'head', update: ['teacher/logits/'] };
 */
export interface TwoPhaseOptions {
  /** What the losses of the second update name as their `phase`. */
  readonly phase: string;
  /** What the second update moves: beginnings of `<node>/<parameter>`, such as `teacher/` or `teacher/logits/`; default everything. */
  readonly update?: readonly string[];
}

/**
 * Two updates a step: first by the losses that name no phase, then, after a forward pass of their own, by those of the second phase,
 * for some parameters only. ATSC (arXiv:2406.08528) tunes the teacher's classifier on labels so.
 *
 * @param options - `phase`, `update` (default everything that learns)
 * @returns a program with one phase
 * @example
 * const program = twoPhase({ phase: 'head', update: ['teacher/logits/'] });
 */
export const twoPhase = ({ phase, update = [''] }: TwoPhaseOptions): Program =>
  defineProgram({
    package: '@codistill/programs',
    name: 'twoPhase',
    options: { phase, update: [...update] },
    phases: [phase],
    step: ({ gradients, apply }) => {
      apply(gradients());
      apply(gradients({ edges: (edge) => edge.phase === phase, parameters: (node, parameter) => update.some((beginning) => `${node}/${parameter}`.startsWith(beginning)) }));
    },
  });
