import { type HostArray, key as rootKey, type Named, permutation, type Readings } from '@codistill/core';
import { insist, type Law } from '../law.ts';
import { gradientsOfTerm, runTerm } from './run-term.ts';
import { slopeAtZero } from './slope-at-zero.ts';
import type { TermBench } from './term-bench.ts';
import { namesOf } from './names-of.ts';
import { termContext } from './term-context.ts';
import type { TermInputs } from './term-inputs.ts';
import type { TermLawOptions } from './term-law-options.ts';
import { onBackend } from './watched-compute.ts';

/** Elements whose slope is measured: fewer of each array where a term has many; and how many are tried at most, as those at a kink do not count. */
const LEAST = 4;
const ALTOGETHER = 24;
const TRIED = 16;

const largest = (values: ArrayLike<number>): number => Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

const nudged = ({ shape, values }: HostArray, index: number, by: number): HostArray => {
  const moved = values.slice();
  moved[index] = (moved[index] ?? NaN) + by;
  return { shape, values: moved };
};

/** One array among the inputs of a term, with the gradient to check. */
interface Place {
  readonly what: string;
  readonly array: HostArray;
  readonly gradient: Float32Array;
  readonly put: (array: HostArray) => TermInputs;
}

const places = async ({ term, fromNode, inputs: make }: TermBench): Promise<readonly Place[]> => {
  const inputs = make();
  const gradients = await gradientsOfTerm(term, inputs);
  const at = (of: string, arrays: Named<HostArray>, slopes: Named<Float32Array>, put: (arrays: Named<HostArray>) => TermInputs): readonly Place[] =>
    Object.entries(arrays).map(([name, array]) => ({
      what: `${name} of ${of}`,
      array,
      gradient: slopes[name] ?? new Float32Array(array.values.length),
      put: (changed) => put({ ...arrays, [name]: changed }),
    }));
  return [
    ...at('the node that learns', inputs.to, gradients.to, (to) => ({ ...inputs, to })),
    ...(fromNode ? at('the source', inputs.from, gradients.from, (from) => ({ ...inputs, from })) : []),
    ...at('the term itself', inputs.state.parameters, gradients.parameters, (parameters) => ({ ...inputs, state: { ...inputs.state, parameters } })),
  ];
};

const checkDifferences = async (bench: TermBench): Promise<void> => {
  const { term, subject, inputs } = bench;
  const all = await places(bench);
  const { mean: present } = await runTerm(term, inputs());
  const samples = Math.min(TRIED, Math.max(LEAST, Math.ceil(ALTOGETHER / all.length)));
  for (const { what, array, gradient, put } of all) {
    const unit = largest(gradient);
    const candidates = [...permutation(rootKey(0), array.values.length)].slice(0, TRIED);
    const wanted = Math.min(samples, candidates.length);
    let measured = 0;
    for (const index of candidates) {
      if (measured === wanted) break;
      const slope = await slopeAtZero(async (by) => (await runTerm(term, put(nudged(array, index, by)))).mean, present, unit);
      if (slope === undefined) continue;
      measured += 1;
      const given = gradient[index] ?? NaN;
      insist(
        Math.abs(slope.value - given) <= 0.01 * unit + slope.noise,
        () =>
          `${subject} says that its gradient with respect to ${what} is ${given.toPrecision(4)} at element ${index}, ` +
          `but differences give ${slope.value.toPrecision(4)}: is something detached inside, or a custom gradient wrong?`,
      );
    }
    insist(4 * measured >= wanted, () => `${subject} has kinks almost everywhere in ${what}: no slope could be measured to compare its gradient with.`);
  }
};

const checkReaches = async ({ term, subject, inputs }: TermBench): Promise<void> => {
  const { to } = await gradientsOfTerm(term, inputs());
  insist(
    Object.values(to).some((gradient) => largest(gradient) > 0),
    () => `${subject} gives the node that learns no gradient: its value does not depend on ${namesOf(term.needs)} there.`,
  );
};

const checkDetached = async ({ term, subject, inputs }: TermBench): Promise<void> => {
  const { from } = await gradientsOfTerm(term, inputs(), 'detached');
  for (const [name, gradient] of Object.entries(from)) {
    insist(
      largest(gradient) === 0,
      () => `${subject} let a gradient of up to ${largest(gradient).toPrecision(2)} into ${name} of the source, which was detached: use only the readings of the present call.`,
    );
  }
};

const checkClosedForm = async ({ term, subject, inputs: make }: TermBench, closedForm: NonNullable<TermLawOptions['closedFormGradient']>): Promise<void> => {
  const inputs = make();
  const { to } = await gradientsOfTerm(term, inputs);
  const expected = onBackend(inputs, (uploaded) =>
    closedForm(uploaded.to as Readings, uploaded.from as Readings, termContext(term, { variables: uploaded.variables })),
  );
  for (const [name, tensor] of Object.entries(expected)) {
    const wanted = await tensor.data();
    tensor.dispose();
    const given = to[name] ?? [];
    const off = largest(Array.from(wanted, (value, index) => value - (given[index] ?? NaN)));
    insist(off <= 1e-6 + 1e-4 * largest(wanted), () => `${subject} has a gradient with respect to ${name} that is off its closed form by up to ${off.toPrecision(2)}.`);
  }
};

/**
 * Laws about gradients: they equal finite differences at both ends and in the term's own parameters, reach the node that learns,
 * and stay out of a detached source.
 *
 * @param bench - the term
 * @param closedForm - its gradient by other means, if known
 * @example
 * declare const bench: TermBench;
 * const laws = gradientLaws(bench);
 */
export const gradientLaws = (bench: TermBench, closedForm?: TermLawOptions['closedFormGradient']): readonly Law[] => [
  { name: 'gradient equals finite differences', check: () => checkDifferences(bench) },
  { name: 'gradient reaches the node that learns', check: () => checkReaches(bench) },
  ...(bench.fromNode ? [{ name: 'no gradient reaches a detached source', check: () => checkDetached(bench) }] : []),
  ...(closedForm === undefined ? [] : [{ name: 'gradient equals its closed form', check: () => checkClosedForm(bench, closedForm) }]),
];
