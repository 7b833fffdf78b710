import { filled, type HostArray, type Named } from '@codistill/core';
import { insist, type Law } from '../law.ts';
import { gradientsOfTerm, runTerm } from './run-term.ts';
import type { TermBench } from './term-bench.ts';
import type { TermInputs } from './term-inputs.ts';

/** Insists on a finite value of the right shape and on finite gradients. `where` completes the sentence. */
const insistFinite = async ({ term, subject, batch }: TermBench, inputs: TermInputs, where = ''): Promise<void> => {
  const { shape, dtype, values } = await runTerm(term, inputs);
  const example = shape.length === 0 ? '' : ' of an example';
  insist(
    shape.length === 0 || (shape.length === 1 && shape[0] === batch),
    () => `${subject} returned shape [${shape.join(', ')}]${where}: return one value per example, [${batch}], or a scalar.`,
  );
  insist(dtype === 'float32', () => `${subject} returned ${dtype}${where}: return float32.`);
  const bad = values.find((value) => !Number.isFinite(value));
  insist(bad === undefined, () => `${subject} returned ${String(bad)} as the value${example}${where}: it must be finite.`);
  const { to, from, parameters } = await gradientsOfTerm(term, inputs);
  for (const [end, gradients] of [['the node that learns', to], ['the source', from], ['the term itself', parameters]] as const) {
    for (const [name, gradient] of Object.entries(gradients)) {
      const wrong = gradient.find((value) => !Number.isFinite(value));
      insist(wrong === undefined, () => `${subject} has a finite value but a gradient of ${String(wrong)} with respect to ${name} of ${end}${where}.`);
    }
  }
};

const mapArrays = (arrays: Named<HostArray>, change: (array: HostArray, name: string) => HostArray): Named<HostArray> =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, change(array, name)]));

const blank = (arrays: Named<HostArray>): Named<HostArray> => mapArrays(arrays, ({ shape }) => filled(shape));

const extreme = (arrays: Named<HostArray>): Named<HostArray> =>
  mapArrays(arrays, ({ shape, values }, name) => ({ shape, values: name === 'logits' ? values.map((value) => (value < 0 ? -1e4 : 1e4)) : values }));

/**
 * Laws about values: shape, and that neither value nor gradient is ever NaN or infinite.
 *
 * @param bench - the term
 * @param classCounts - class counts to try besides the bench's own; none for a term that is fixed to one
 * @example
 * declare const bench: TermBench;
 * const laws = valueLaws(bench, [2, 100]);
 */
export const valueLaws = (bench: TermBench, classCounts: readonly number[]): readonly Law[] => [
  {
    name: 'returns one finite value per example, or a finite scalar',
    check: () => insistFinite(bench, bench.inputs()),
  },
  ...(bench.onLogits ? classCounts : []).map((classes) => ({
    name: `works with ${classes} classes`,
    check: () => insistFinite(bench, bench.inputs({ classes }), ` with ${classes} classes`),
  })),
  ...(bench.onLogits
    ? [
        {
          name: 'stays finite with logits of ±1e4',
          check: async () => {
            const inputs = bench.inputs();
            await insistFinite(bench, { ...inputs, to: extreme(inputs.to) }, ' with logits of ±1e4');
            if (!bench.fromNode) return;
            await insistFinite(bench, { ...inputs, from: extreme(inputs.from) }, ' with logits of ±1e4 in the source');
            await insistFinite(bench, { ...inputs, to: extreme(inputs.to), from: extreme(inputs.from) }, ' with logits of ±1e4 at both ends');
          },
        },
      ]
    : []),
  {
    // Dead maps and fresh heads do occur, and roots and norms have no slope at 0.
    name: 'stays finite with readings of zero',
    check: async () => {
      const inputs = bench.inputs();
      await insistFinite(bench, { ...inputs, to: blank(inputs.to) }, ' with readings that are all zero');
      if (bench.fromNode) await insistFinite(bench, { ...inputs, to: blank(inputs.to), from: blank(inputs.from) }, ' with readings that are all zero at both ends');
    },
  },
  ...(bench.fromNode
    ? [
        {
          // A copy of a node agrees with it in the first step.
          name: 'stays finite where both ends agree',
          check: async () => {
            const inputs = bench.inputs();
            const alike = Object.entries(inputs.to).every(([name, { shape }]) => inputs.from[name]?.shape.join() === shape.join());
            if (alike) await insistFinite(bench, { ...inputs, from: inputs.to }, ' where both ends agree');
          },
        },
      ]
    : []),
];
