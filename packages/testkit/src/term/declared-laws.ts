import type { HostArray, Named } from '@codistill/core';
import { insist, type Law } from '../law.ts';
import { runTerm } from './run-term.ts';
import type { TermBench } from './term-bench.ts';
import type { DeclaredTermLaw } from './term-law-options.ts';

const SEEDS = [1, 2, 3];

const checkZero = async ({ term, subject, fromNode, inputs }: TermBench): Promise<void> => {
  insist(fromNode, () => `${subject} compares with labels: zeroWhenEqual can only be declared between nodes.`);
  for (const seed of SEEDS) {
    const { to, ...rest } = inputs({ seed });
    const { values } = await runTerm(term, { ...rest, to, from: to });
    const off = values.find((value) => !(Math.abs(value) <= 1e-5));
    insist(off === undefined, () => `${subject} is ${String(off)} where both ends agree, and not 0.`);
  }
};

const checkSign = async ({ term, subject, inputs }: TermBench): Promise<void> => {
  for (const seed of SEEDS) {
    const { values } = await runTerm(term, inputs({ seed }));
    const negative = values.find((value) => !(value >= -1e-5));
    insist(negative === undefined, () => `${subject} takes the value ${String(negative)}, although it is declared nonNegative.`);
  }
};

/** Another constant for each example, added to all its logits. */
const shifted = ({ shape, values }: HostArray): HostArray => {
  const perExample = values.length / (shape[0] ?? 1);
  return { shape, values: values.map((value, index) => value + 3 - Math.floor(index / perExample)) };
};

const shiftedLogits = (arrays: Named<HostArray>): Named<HostArray> =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, name === 'logits' ? shifted(array) : array]));

const checkShift = async ({ term, subject, fromNode, onLogits, inputs: make }: TermBench): Promise<void> => {
  insist(onLogits, () => `${subject} reads no logits: shiftInvariant cannot be declared.`);
  const inputs = make();
  const before = (await runTerm(term, inputs)).mean;
  for (const [end, changed] of [
    ['the node that learns', { ...inputs, to: shiftedLogits(inputs.to) }],
    ...(fromNode ? ([['the source', { ...inputs, from: shiftedLogits(inputs.from) }]] as const) : []),
  ] as const) {
    const after = (await runTerm(term, changed)).mean;
    insist(
      Math.abs(after - before) <= 1e-5 + 1e-4 * Math.abs(before),
      () => `${subject} goes from ${before} to ${after} when a constant is added to all logits of ${end}, although it is declared shiftInvariant.`,
    );
  }
};

/**
 * The laws that a term's author declared.
 *
 * @example
 * declare const bench: TermBench;
 * const laws = declaredLaws(bench, ['zeroWhenEqual']);
 */
export const declaredLaws = (bench: TermBench, declared: readonly DeclaredTermLaw[]): readonly Law[] => {
  const laws: Record<DeclaredTermLaw, Law> = {
    zeroWhenEqual: { name: 'is zero when both ends agree', check: () => checkZero(bench) },
    nonNegative: { name: 'is never negative', check: () => checkSign(bench) },
    shiftInvariant: { name: 'does not change when a constant is added to all logits', check: () => checkShift(bench) },
  };
  return declared.map((name) => laws[name]);
};
