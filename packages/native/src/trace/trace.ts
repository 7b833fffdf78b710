import type * as tf from '@tensorflow/tfjs';
import type { Feed, say } from '@codistill/core';
import type { NodeDef } from '../graph/graph-def.ts';

/** Where in a step something happened, for sentences. */
type Place = Parameters<typeof say.compile.captured>[0];

/**
 * A step as a graph: what TensorFlow computed for it, operation by operation, with what differs from call to call lifted out.
 *
 * @example
 * const operations = (trace: Trace): number => trace.nodes.length;
 */
export interface Trace {
  /** Node `step` runs all that the step does. */
  readonly nodes: readonly NodeDef[];
  /** Placeholders, in the order they are fed. */
  readonly inputs: readonly TraceInput[];
  /** Variables that the step reads or writes. */
  readonly states: readonly TraceState[];
  /** What the step returned. */
  readonly outputs: readonly TraceOutput[];
  /** Shapes of tensors, by `node` or `node:1`. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** What was recorded, in order, for comparison with another recording. */
  readonly log: readonly Logged[];
}

/**
 * @example
 * const nameOf = (input: TraceInput): string => input.name;
 */
export interface TraceInput {
  /** The step's own name for it. */
  readonly name: string;
  readonly kind: 'input' | 'scalar';
  readonly node: string;
  readonly dtype: Feed['dtype'];
  readonly shape: readonly number[];
}

/**
 * @example
 * const isMoved = (state: TraceState): boolean => state.written;
 */
export interface TraceState {
  readonly variable: tf.Variable;
  /** Name of its node, and its shared name in the session. */
  readonly node: string;
  readonly written: boolean;
  readonly device: string;
}

/**
 * @example
 * const refOf = (output: TraceOutput): string => output.ref;
 */
export interface TraceOutput {
  readonly name: string;
  /** `node` or `node:1`. */
  readonly ref: string;
  readonly dtype: Feed['dtype'];
  readonly shape: readonly number[];
}

/**
 * One thing that was recorded.
 *
 * @example
 * const isConstant = (logged: Logged): boolean => logged.constant !== undefined;
 */
export interface Logged {
  /** What must be the same in every recording: operation, attributes, inputs; type and shape of a constant. */
  readonly structure: string;
  /** A constant's values. */
  readonly constant?: ArrayLike<number>;
  /** Where it was recorded. */
  place(): Place;
}
