import { type HostArray, type Named, type Optimizer, scheduledAt, type Updated } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { insist } from '../law.ts';

/**
 * A small problem for an optimizer.
 *
 * @example
 * // ½ w²
 * const parabola: OptimizerProblem = { start: { w: { shape: [], values: Float32Array.of(1) } }, gradients: ({ w }) => ({ w: w ?? [] }), steps: 10 };
 */
export interface OptimizerProblem {
  /** Parameters before the first step. */
  readonly start: Named<HostArray>;
  /** The gradients of one step, from the parameters' present values; who is left out gets none. */
  readonly gradients: (values: Named<Float32Array>, step: number) => Named<ArrayLike<number>>;
  readonly steps: number;
  /** Takes the place of numbers and schedules that the optimizer declares under these names. */
  readonly scalars?: Named<number>;
}

/**
 * Where an optimizer went.
 *
 * @example
 * const last = (run: OptimizerRun): Named<Float32Array> | undefined => run.path.at(-1);
 */
export interface OptimizerRun {
  /** All parameters after each step. */
  readonly path: readonly Named<Float32Array>[];
  /** All slots after each step. */
  readonly slots: readonly Named<Float32Array>[];
}

/** What happens around one update, for laws that look closer. */
type Watch = (update: Parameters<Optimizer['update']>[0], apply: () => Updated) => Updated;

const upload = (arrays: Named<HostArray>): Record<string, tf.Tensor> =>
  Object.fromEntries(Object.entries(arrays).map(([name, { values, shape }]) => [name, tf.tensor(values, [...shape], 'float32')]));

const download = async (tensors: Named<tf.Tensor>): Promise<Record<string, Float32Array>> =>
  Object.fromEntries(await Promise.all(Object.entries(tensors).map(async ([name, tensor]) => [name, Float32Array.from(await tensor.data())] as const)));

/**
 * Trains a few numbers as the engine trains networks: gradients in, parameters and slots out, step by step, on the backend that is
 * active. A schedule sees the run as one epoch.
 *
 * @param optimizer - the one under test
 * @param problem - see {@link OptimizerProblem}
 * @param watch - called around each update; default: just updates
 * @returns every step's values; no tensor is left behind
 * @throws Error where the optimizer asks for a number that it did not declare, or returns a tensor that it was given
 * @example
 * declare const sgd: Optimizer;
 * const { path } = await runOptimizer(sgd, { start: { w: filled([2], 1) }, gradients: ({ w }) => ({ w: w ?? [] }), steps: 10 });
 */
export const runOptimizer = async (
  optimizer: Optimizer,
  { start, gradients: gradientsAt, steps, scalars: fixed = {} }: OptimizerProblem,
  watch: Watch = (_, apply) => apply(),
): Promise<OptimizerRun> => {
  const shapes = Object.fromEntries(Object.entries(start).map(([name, { shape }]) => [name, shape]));
  const state = { parameters: upload(start), slots: upload(optimizer.init(shapes)) };
  const path: Named<Float32Array>[] = [Object.fromEntries(Object.entries(start).map(([name, { values }]) => [name, values]))];
  const slots: Named<Float32Array>[] = [];
  /** Puts new values where old ones were. */
  const move = (old: Record<string, tf.Tensor>, next: Named<tf.Tensor>): void => {
    for (const [name, tensor] of Object.entries(next)) {
      old[name]?.dispose();
      old[name] = tensor;
    }
  };
  try {
    for (let step = 0; step < steps; step++) {
      const progress = { step, steps, epoch: step / steps, epochs: 1 };
      const numbers = Object.fromEntries(Object.entries(optimizer.scalars).map(([name, value]) => [name, tf.scalar(fixed[name] ?? scheduledAt(value, progress))]));
      const given = Object.entries(gradientsAt(path.at(-1) ?? {}, step));
      const gradients = upload(Object.fromEntries(given.map(([name, values]) => [name, { shape: shapes[name] ?? [], values: Float32Array.from(values) }])));
      const update = {
        gradients,
        slots: state.slots,
        parameters: Object.fromEntries(Object.entries(state.parameters).filter(([name]) => name in gradients)),
        scalar: (name: string): tf.Scalar => {
          const number = numbers[name];
          insist(number !== undefined, () => `optimizer '${optimizer.name}' asks for the scalar '${name}' but declares only ${Object.keys(numbers).join(', ') || 'none'}: add it to scalars.`);
          return number;
        },
      };
      try {
        const updated = watch(update, () => optimizer.update(update));
        const results = new Set([...Object.values(updated.parameters), ...Object.values(updated.slots)]);
        const returned = [state.slots, state.parameters, gradients, numbers].flatMap((tensors) => Object.entries<tf.Tensor>(tensors)).find(([, tensor]) => results.has(tensor));
        insist(returned === undefined, () => `optimizer '${optimizer.name}' returned '${String(returned?.[0])}' itself: leave it out, or return a new tensor, for the caller disposes it.`);
        move(state.parameters, updated.parameters);
        move(state.slots, updated.slots);
      } finally {
        tf.dispose([gradients, numbers]);
      }
      path.push(await download(state.parameters));
      slots.push(await download(state.slots));
    }
  } finally {
    tf.dispose(state);
  }
  return { path: path.slice(1), slots };
};
