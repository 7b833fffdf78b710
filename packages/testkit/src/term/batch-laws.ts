import { insist, type Law } from '../law.ts';
import { runTerm } from './run-term.ts';
import type { TermBench } from './term-bench.ts';
import { pickExamples } from './term-inputs.ts';

const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-5 + 1e-4 * Math.abs(b);

const checkOrder = async ({ term, subject, batch, inputs: make }: TermBench): Promise<void> => {
  const inputs = make();
  const straight = await runTerm(term, inputs);
  const reversed = await runTerm(term, pickExamples(inputs, Array.from({ length: batch }, (_, index) => batch - 1 - index)));
  const same = straight.values.length === reversed.values.length;
  insist(same, () => `${subject} returned ${straight.values.length} values, and ${reversed.values.length} for the same batch reversed.`);
  const others = straight.shape.length === 0 ? reversed.values : reversed.values.toReversed();
  straight.values.forEach((value, index) => {
    const other = others[index] ?? NaN;
    const what = straight.shape.length === 0 ? 'its value' : `the value of example ${index}`;
    insist(close(other, value), () => `${subject} depends on the order of the batch: ${what} is ${value}, and ${other} with the batch reversed.`);
  });
};

const checkRepetition = async ({ term, subject, batch, inputs: make }: TermBench): Promise<void> => {
  const inputs = make();
  const once = (await runTerm(term, inputs)).mean;
  const twice = (await runTerm(term, pickExamples(inputs, Array.from({ length: 2 * batch }, (_, index) => index % batch)))).mean;
  insist(close(twice, once), () => `${subject} has mean ${once} on a batch and ${twice} on the same batch twice over: do not sum over the batch.`);
};

/**
 * Laws about the batch: its order does not matter, and repeating it does not change the mean.
 *
 * @param bench - the term
 * @param examplesInteract - leaves the second one out
 * @example
 * declare const bench: TermBench;
 * const laws = batchLaws(bench, false);
 */
export const batchLaws = (bench: TermBench, examplesInteract: boolean): readonly Law[] => [
  { name: 'batch order does not matter', check: () => checkOrder(bench) },
  ...(examplesInteract ? [] : [{ name: 'repeating the batch does not change the mean', check: () => checkRepetition(bench) }]),
];
