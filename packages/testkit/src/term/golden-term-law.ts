import type { HostArray, Named, Term } from '@codistill/core';
import { insist, type Law } from '../law.ts';
import { gradientsOfTerm, runTerm } from './run-term.ts';

/**
 * Numbers in nested lists, as JSON holds them.
 *
 * @example
 * const rows: Nested = [[1, 2], [3, 4]];
 */
export type Nested = number | readonly Nested[];

/**
 * Inputs of a term with the mean of its values and gradients of that mean, from another implementation.
 *
 * @example
 * const half: GoldenTerm = {
 *   name: 'by hand', to: { logits: [[0, 0]] }, from: { class: [[1, 0]] },
 *   value: Math.log(2), gradients: { to: { logits: [[-0.5, 0.5]] } },
 * };
 */
export interface GoldenTerm {
  readonly name: string;
  readonly to: Named<Nested>;
  /** Readings of the source, or labels. */
  readonly from: Named<Nested>;
  /** Values of the term's own parameters; default none. */
  readonly parameters?: Named<Nested>;
  /** The mean over the batch. */
  readonly value: number;
  /** Of the mean; only what is listed is compared. */
  readonly gradients?: {
    readonly to?: Named<Nested>;
    readonly from?: Named<Nested>;
    readonly parameters?: Named<Nested>;
  };
}

const flatten = (nested: Nested): readonly number[] => (typeof nested === 'number' ? [nested] : nested.flatMap(flatten));

const arrayOf = (nested: Nested): HostArray => {
  const shape: number[] = [];
  for (let level: Nested | undefined = nested; typeof level === 'object'; level = level[0]) shape.push(level.length);
  return { shape, values: Float32Array.from(flatten(nested)) };
};

const arraysOf = (record: Named<Nested>): Named<HostArray> => Object.fromEntries(Object.entries(record).map(([name, nested]) => [name, arrayOf(nested)]));

/**
 * The law that a term gives reference numbers: within `10⁻⁵ + 10⁻⁴ |expected|`, what float32 keeps of float64.
 *
 * @param term - any term
 * @param golden - inputs and expected numbers
 * @example
 * declare const term: Term<'ce', 'labels', 'logits', 'class'>;
 * const law = goldenTermLaw(term, { name: 'even', to: { logits: [[0, 0]] }, from: { class: [[1, 0]] }, value: 0.693147 });
 */
export const goldenTermLaw = (term: Term, { name, to, from, parameters = {}, value, gradients = {} }: GoldenTerm): Law => ({
  name: `golden: ${name}`,
  check: async () => {
    const compare = (what: string, given: ArrayLike<number>, wanted: ArrayLike<number>): void => {
      insist(given.length === wanted.length, () => `term '${term.name}', ${name}: ${what} has ${given.length} elements and should have ${wanted.length}.`);
      Array.from(wanted).forEach((expected, index) => {
        const actual = given[index] ?? NaN;
        insist(
          Math.abs(actual - expected) <= 1e-5 + 1e-4 * Math.abs(expected),
          () => `term '${term.name}', ${name}: ${what} is ${actual} and should be ${expected}${given.length > 1 ? ` (element ${index})` : ''}.`,
        );
      });
    };
    const inputs = { to: arraysOf(to), from: arraysOf(from), state: { parameters: arraysOf(parameters), buffers: {} } };
    compare('the mean', [(await runTerm(term, inputs)).mean], [value]);
    const given = await gradientsOfTerm(term, inputs);
    for (const end of ['to', 'from', 'parameters'] as const) {
      for (const [input, wanted] of Object.entries(gradients[end] ?? {})) {
        compare(`the gradient of ${input} (${end})`, given[end][input] ?? [], arrayOf(wanted).values);
      }
    }
  },
});
