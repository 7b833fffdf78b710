import { describe, type Graph, type Named, type Progress, type Scheduled, scheduledAt } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { naming } from './part-failure.ts';

/**
 * Every number of a graph that may change over training, each once: two edges with temperature 4 share an input.
 *
 * @example
 * declare const inputs: ScalarInputs;
 * const values = inputs.at({ step: 0, steps: 10, epoch: 0, epochs: 1 });
 */
export interface ScalarInputs {
  /** Name of the input that carries a number. */
  nameOf(value: Scheduled): string;
  /** What carries the number of an input, for sentences: `the schedule 'rampUp'`. */
  describe(name: string): string;
  /**
   * The values of all inputs at a point of training, by name.
   *
   * @throws PartFailure naming the schedule that threw
   */
  at(progress: Progress): Named<number>;
}

/** Schedules are equal if their descriptions are, unless something in them is local: then only if they are the same function. */
const identity = (value: Scheduled): unknown => {
  if (typeof value === 'number') return value;
  const description = JSON.stringify(describe(value));
  return description.includes('"package":"local"') ? value : description;
};

const called = (value: Scheduled): string => (typeof value === 'number' ? `the number ${value}` : `the schedule '${value.name}'`);

/**
 * Collects the numbers of edges (weights, scalars of terms), optimizers, derived nodes, copies and the program.
 *
 * @example
 * declare const graph: Graph;
 * const inputs = scalarInputs(graph);
 */
export const scalarInputs = (graph: Graph): ScalarInputs => {
  const names = new Map<unknown, { readonly name: string; readonly value: Scheduled }>();
  const all: readonly Scheduled[] = [
    ...graph.edges.flatMap(({ term, weight }) => [weight, ...Object.values(term.scalars)]),
    ...[...Object.values(graph.optimizers), ...Object.values(graph.derived), graph.program].flatMap((part) => Object.values(part.scalars)),
    ...Object.values(graph.copies).flatMap(({ follows }) => ('every' in follows ? [follows.decay] : [])),
  ];
  for (const value of all) {
    const id = identity(value);
    if (!names.has(id)) names.set(id, { name: `scalar/${names.size}`, value });
  }
  return {
    nameOf: (value) => {
      const found = names.get(identity(value));
      if (found === undefined) throw new Error('internal: a number of the graph was not collected');
      return found.name;
    },
    describe: (name) => called([...names.values()].find((input) => input.name === name)?.value ?? NaN),
    at: (progress) => Object.fromEntries([...names.values()].map(({ name, value }) => [name, naming(called(value), () => scheduledAt(value, progress))])),
  };
};

/**
 * Scalars as tensors.
 *
 * @returns tensors that the caller disposes
 * @example
 * const scalars = toScalars({ lr: 0.1 });
 */
export const toScalars = (values: Named<number>): Record<string, tf.Scalar> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, tf.scalar(value, 'float32')]));
