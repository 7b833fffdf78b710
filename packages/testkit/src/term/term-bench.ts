import type { Term } from '@codistill/core';
import { type TermInputs, termInputs } from './term-inputs.ts';
import type { TermLawOptions } from './term-law-options.ts';

/**
 * A term with the inputs it is tried on: what every law of a term starts from.
 *
 * @example
 * declare const bench: TermBench;
 * const { to } = bench.inputs({ seed: 7 });
 */
export interface TermBench {
  readonly term: Term;
  /** `term 'kd'`: how sentences begin. */
  readonly subject: string;
  readonly fromNode: boolean;
  readonly onLogits: boolean;
  readonly batch: number;
  /** Reproducible inputs; class count and seed default to those of the options. */
  readonly inputs: (change?: { readonly classes?: number; readonly seed?: number }) => TermInputs;
}

/**
 * Sets a term up for its laws.
 *
 * @example
 * declare const term: Term;
 * const bench = termBench(term, { batch: 8 });
 */
export const termBench = (term: Term, { shapes = {}, sourceShapes = shapes, classes = 5, batch = 4, seed = 1 }: TermLawOptions): TermBench => ({
  term,
  subject: `term '${term.name}'`,
  fromNode: term.from !== 'labels',
  onLogits: term.needs.includes('logits'),
  batch,
  inputs: (change) => termInputs(term, { batch, classes, to: shapes, from: sourceShapes, seed, ...change }),
});
