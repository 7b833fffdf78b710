import type { Feed } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';
import { type Attribute, type NodeDef, nodeOf, shapeOf } from '../graph/graph-def.ts';
import { DTYPE } from '../session/session.ts';
import type { Trace, TraceState } from './trace.ts';

/**
 * Name of the node that runs all that a step does.
 *
 * @example
 * const target = `step0/${STEP}`;
 */
export const STEP = 'step';

/**
 * The type of a tensor, of those a step can have.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * typeOf(tf.scalar(1, 'int32')); // 'int32'
 */
export const typeOf = ({ dtype }: tf.Tensor): Feed['dtype'] => (dtype === 'int32' || dtype === 'bool' ? dtype : 'float32');

/**
 * Name of a variable's node, and of the variable in a session.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const name = nameOfVariable(tf.variable(tf.zeros([2]))); // such as 'v7'
 */
export const nameOfVariable = (variable: tf.Variable): string => `v${variable.id}`;

/**
 * A variable gets a value at a step's end.
 *
 * @example
 * const refOf = (write: Write): string => write.value;
 */
export interface Write {
  readonly variable: tf.Variable;
  /** Ref of the value. */
  readonly value: string;
}

/**
 * The node that stands for a variable. All of the same name in a session are one variable.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const node = declaration(tf.variable(tf.zeros([2])), 'v7', '');
 */
export const declaration = (variable: tf.Variable, name: string, device: string): NodeDef =>
  nodeOf(
    name,
    'VarHandleOp',
    [],
    { dtype: { type: DTYPE[typeOf(variable)] }, shape: { shape: shapeOf(variable.shape) }, shared_name: { s: new TextEncoder().encode(name) }, container: { s: new Uint8Array() } },
    device,
  );

/**
 * Puts the variables around a step's operations: declared and read before, written after; and the node that runs it all.
 *
 * @param operations - of the step
 * @param read - variables whose value from before the step is used
 * @param writes - what variables get
 * @param deviceOf - where variables live
 * @example
 * const { nodes } = withVariables([], new Set(), [], () => '');
 */
export const withVariables = (
  operations: readonly NodeDef[],
  read: ReadonlySet<tf.Variable>,
  writes: readonly Write[],
  deviceOf: (variable: tf.Variable) => string,
): Pick<Trace, 'nodes' | 'states'> => {
  const written = new Set(writes.map(({ variable }) => variable));
  const used = [...new Set([...read, ...written])];
  const dtype = (variable: tf.Variable): { readonly dtype: Attribute } => ({ dtype: { type: DTYPE[typeOf(variable)] } });
  const readsOf = (variable: tf.Variable): readonly string[] => (read.has(variable) ? [`${nameOfVariable(variable)}/read`] : []);
  return {
    nodes: [
      ...used.flatMap((variable) => [
        declaration(variable, nameOfVariable(variable), deviceOf(variable)),
        ...readsOf(variable).map((name) => nodeOf(name, 'ReadVariableOp', [nameOfVariable(variable)], dtype(variable), deviceOf(variable))),
      ]),
      ...operations,
      // What the step read of a variable is its value from before: the read comes first.
      ...writes.map(({ variable, value }) => {
        const name = nameOfVariable(variable);
        return nodeOf(`${name}/write`, 'AssignVariableOp', [name, value, ...readsOf(variable).map((ref) => `^${ref}`)], dtype(variable), deviceOf(variable));
      }),
      nodeOf(STEP, 'NoOp', writes.map(({ variable }) => `^${nameOfVariable(variable)}/write`)),
    ],
    states: used.map((variable): TraceState => ({ variable, node: nameOfVariable(variable), written: written.has(variable), device: deviceOf(variable) })),
  };
};
