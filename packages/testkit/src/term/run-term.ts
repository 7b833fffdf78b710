import { detach, freeTapeOnThrow, type Named, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import type { TermInputs } from './term-inputs.ts';
import { named, onBackend, watchedCompute } from './watched-compute.ts';

/**
 * One value of a term, on the host.
 *
 * @example
 * const run: TermRun = { shape: [2], dtype: 'float32', values: Float32Array.of(0.1, 0.2), mean: 0.15 };
 */
export interface TermRun {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly values: Float32Array;
  /** In float64. */
  readonly mean: number;
}

/**
 * Gradients of the mean of a term's values, by name, on the host. Where the value does not depend on an input they are 0.
 *
 * @example
 * const ofLogits = (gradients: TermGradients): Float32Array | undefined => gradients.to['logits'];
 */
export interface TermGradients {
  readonly to: Named<Float32Array>;
  /** Empty for terms from labels. */
  readonly from: Named<Float32Array>;
  readonly parameters: Named<Float32Array>;
}

/**
 * Computes a term once, as an engine would.
 *
 * @param term - any term
 * @param inputs - what it reads
 * @returns its value on the host; nothing is left on the backend
 * @throws Error a sentence, where it reads what it does not declare
 * @example
 * declare const term: Term;
 * declare const inputs: TermInputs;
 * const { mean } = await runTerm(term, inputs);
 */
export const runTerm = async (term: Term, inputs: TermInputs): Promise<TermRun> => {
  // A clone, because a term that hands back its own input would have it disposed twice.
  const value = onBackend(inputs, (uploaded) => watchedCompute(term, uploaded).value.clone());
  try {
    const values = Float32Array.from(await value.data());
    return { shape: [...value.shape], dtype: value.dtype, values, mean: values.reduce((sum, one) => sum + one, 0) / values.length };
  } finally {
    value.dispose();
  }
};

/**
 * The gradients of the mean of a term's values with respect to everything differentiable that it reads.
 *
 * @param term - any term
 * @param inputs - what it reads
 * @param source - whether the source is `'live'` (default), or `'detached'` as a pipeline has it by default. If detached, the
 *   term is first computed on the live source in the same breath, so that a term that keeps tensors gives itself away.
 * @example
 * declare const term: Term;
 * declare const inputs: TermInputs;
 * const { to } = await gradientsOfTerm(term, inputs);
 */
export const gradientsOfTerm = async (term: Term, inputs: TermInputs, source: 'live' | 'detached' = 'live'): Promise<TermGradients> => {
  const names = {
    to: Object.keys(inputs.to),
    from: term.from === 'labels' ? [] : Object.keys(inputs.from),
    parameters: Object.keys(inputs.state.parameters),
  };
  const gradients = onBackend(inputs, (uploaded) => {
    const { to, from, variables } = uploaded;
    const at = [...names.to.map((name) => to[name]), ...names.from.map((name) => from[name]), ...names.parameters.map((name) => variables[name])] as tf.Tensor[];
    const objective = (): tf.Tensor => {
      if (source === 'detached') watchedCompute(term, uploaded);
      const detached = Object.fromEntries(Object.entries(from).map(([name, tensor]) => [name, detach(tensor)]));
      const { value } = watchedCompute(term, source === 'live' ? uploaded : { ...uploaded, from: detached });
      // tfjs throws where an input has no path to the result; 0 · Σ x is such a path, and its gradient is 0.
      return at.reduce((sum, x) => sum.add(x.sum().mul(0)), value.mean());
    };
    return named(term, () => freeTapeOnThrow(() => tf.grads(objective)(at)));
  });
  try {
    const values = await Promise.all(gradients.map(async (gradient) => Float32Array.from(await gradient.data())));
    const take = (of: readonly string[]): Named<Float32Array> => Object.fromEntries(of.map((name) => [name, values.shift() ?? new Float32Array()]));
    return { to: take(names.to), from: take(names.from), parameters: take(names.parameters) };
  } finally {
    tf.dispose(gradients);
  }
};
