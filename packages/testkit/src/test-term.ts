import { describe, printPart, type Term } from '@codistill/core';
import { testLaws } from './law.ts';
import { type GoldenTerm, goldenTermLaw } from './term/golden-term-law.ts';
import type { TermLawOptions } from './term/term-law-options.ts';
import { termLaws } from './term/term-laws.ts';

/**
 * Options of {@link testTerm}: those of `termLaws`, and reference numbers.
 *
 * @example
 * const options: TestTermOptions = { laws: ['nonNegative'] };
 */
export interface TestTermOptions<T extends Term = Term> extends TermLawOptions<T> {
  /** Reference numbers from another implementation; default none. */
  readonly golden?: readonly GoldenTerm[];
}

/**
 * Registers the laws of a loss term as tests with jest, or any runner with global `describe` and `it`.
 *
 * Choose the backend before the tests run: `beforeAll(() => tf.setBackend('cpu'))`.
 *
 * @param term - the term under test
 * @param options - see {@link TermLawOptions}; default shapes suit most terms
 * @throws Error where no runner is found
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const l2 = defineTerm({
 *   name: 'l2',
 *   from: 'node',
 *   needs: ['logits'],
 *   compute: (student, teacher) => tf.squaredDifference(student.logits, teacher.logits).sum(-1),
 * });
 * testTerm(l2, { laws: ['zeroWhenEqual', 'nonNegative'] });
 */
export const testTerm = <T extends Term>(term: T, options: TestTermOptions<T> = {}): void => {
  testLaws(`laws of ${printPart(describe(term))}`, [...termLaws(term, options), ...(options.golden ?? []).map((golden) => goldenTermLaw(term, golden))]);
};
