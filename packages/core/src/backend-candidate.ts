import type { StepCompiler } from './step-compiler.ts';

/**
 * A backend that may run here. Choosing one is trying candidates in order; whoever brings a backend exports a function that makes
 * its candidate.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const plain: BackendCandidate = {
 *   name: 'plain',
 *   backend: 'cpu',
 *   start: async () => {
 *     await tf.setBackend('cpu');
 *     return { how: 'plain JavaScript', threads: 1 };
 *   },
 * };
 */
export interface BackendCandidate {
  /** As users call it; several candidates may have the same name, and are tried in order. */
  readonly name: string;
  /** As tfjs calls it. */
  readonly backend: string;
  /**
   * Starts it, makes it the one that tfjs uses, and gives it the kernels it lacks. It is called again where another backend was
   * used in between.
   *
   * @param options - `threads`: where somebody asked for a number
   * @throws where it does not run here. A CodistillError's message is a sentence of its own; of others it is taken as the reason
   */
  start(options: { readonly threads?: number }): Promise<StartedBackend>;
}

/**
 * A backend that runs.
 *
 * @example
 * const canCompile = ({ compile }: StartedBackend): boolean => compile !== undefined;
 */
export interface StartedBackend {
  /** A few words for people, such as `'SIMD, 2 threads'`. */
  readonly how: string;
  readonly threads: number;
  /** Runs steps as a whole, where the backend can. */
  readonly compile?: StepCompiler;
}
