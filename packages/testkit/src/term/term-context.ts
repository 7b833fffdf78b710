import { logSoftmax, type Named, type Progress, scheduledAt, type Term, type TermContext } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { namesOf } from './names-of.ts';

/**
 * What a term's context is made of.
 *
 * @example
 * const late: TermContextOptions = { progress: { step: 90, steps: 100, epoch: 9, epochs: 10 } };
 */
export interface TermContextOptions {
  /** Where training stands, for scalars that are schedules; default the start of a run of 100 steps in 10 epochs. */
  readonly progress?: Progress;
  /** The variables of the term's state, by name; default none. */
  readonly variables?: Named<tf.Variable>;
}

/**
 * A small engine's end of a term: what the trainer lends a term for one step, for tests of a single term.
 *
 * The same request gives the same tensor, as in the trainer. Tensors it makes belong to the scope it is used in: call
 * `compute` inside `tf.tidy`.
 *
 * @param term - the term it is for; what it declares is all that can be asked
 * @returns a context for one call of `compute`
 * @throws Error, from its methods, for a scalar or variable that was not declared
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * declare const term: Term;
 * const value = tf.tidy(() => {
 *   const [to, from] = [tf.tensor2d([[1, 2]]), tf.tensor2d([[2, 1]])];
 *   return term.compute({ logits: to } as Readings, { logits: from } as Readings, termContext(term)).mean();
 * });
 */
export const termContext = (
  term: Term,
  { progress = { step: 0, steps: 100, epoch: 0, epochs: 10 }, variables = {} }: TermContextOptions = {},
): TermContext => {
  const softened = new Map<tf.Tensor, Map<tf.Scalar | undefined, tf.Tensor>>();
  const scalars = new Map<string, tf.Scalar>();
  return {
    logSoftmax: (logits, temperature) => {
      const byTemperature = softened.get(logits) ?? new Map<tf.Scalar | undefined, tf.Tensor>();
      const known = byTemperature.get(temperature);
      if (known !== undefined) return known;
      const made: tf.Tensor = logSoftmax(temperature === undefined ? logits : logits.div(temperature));
      softened.set(logits, byTemperature.set(temperature, made));
      return made;
    },
    scalar: (name) => {
      const value = term.scalars[name];
      if (value === undefined) {
        throw new Error(`term '${term.name}' asks for scalar '${name}' but declares ${namesOf(Object.keys(term.scalars))}: add it to scalars.`);
      }
      const known = scalars.get(name) ?? tf.scalar(scheduledAt(value, progress), 'float32');
      scalars.set(name, known);
      return known;
    },
    variable: (name) => {
      const found = variables[name];
      if (found === undefined) {
        throw new Error(`term '${term.name}' asks for variable '${name}' but its state has ${namesOf(Object.keys(variables))}: return it from state.`);
      }
      return found;
    },
  };
};
