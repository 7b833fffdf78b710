import type { Term } from '@codistill/core';
import type { Law } from '../law.ts';
import { batchLaws } from './batch-laws.ts';
import { contractLaws } from './contract-laws.ts';
import { declaredLaws } from './declared-laws.ts';
import { gradientLaws } from './gradient-laws.ts';
import { termBench } from './term-bench.ts';
import type { TermLawOptions } from './term-law-options.ts';
import { valueLaws } from './value-laws.ts';

/**
 * The laws of a loss term, for whichever tfjs backend is active when they are checked.
 *
 * - It describes itself as JSON, reads exactly what it needs, keeps no tensor but its result, reads no value on the host,
 *   and gives the same value for the same inputs.
 * - It returns one finite value per example, or a finite scalar; also with 2 and with 100 classes, with logits of ±10⁴, with
 *   readings that are all zero and with ends that agree. So are its gradients.
 * - Its gradient equals finite differences at both ends and in its own parameters, reaches the node that learns, and stays out
 *   of a detached source.
 * - The order of the batch does not matter, and repeating the batch does not change the mean.
 *
 * `compute` is called inside `tf.tidy`, as the trainer does: intermediate tensors need no disposal by the term.
 *
 * @param term - the term under test
 * @param options - shapes and further laws; see {@link TermLawOptions}
 * @returns laws to register with `testLaws`, or to check one by one. Each fails with a sentence that names the term.
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const l2 = defineTerm({
 *   name: 'l2',
 *   from: 'node',
 *   needs: ['logits'],
 *   compute: (student, teacher) => tf.squaredDifference(student.logits, teacher.logits).sum(-1),
 * });
 * for (const law of termLaws(l2, { laws: ['zeroWhenEqual'] })) await law.check();
 */
export const termLaws = <T extends Term>(term: T, options: TermLawOptions<T> = {}): readonly Law[] => {
  const bench = termBench(term, options);
  return [
    ...contractLaws(bench),
    ...valueLaws(bench, options.classes === undefined ? [2, 100] : []),
    ...gradientLaws(bench, options.closedFormGradient as TermLawOptions['closedFormGradient']),
    ...batchLaws(bench, options.examplesInteract ?? false),
    ...declaredLaws(bench, options.laws ?? []),
  ];
};
