import * as tf from '@tensorflow/tfjs';

/**
 * Attributes of a TensorFlow operation: by name, what kind and which value. Types are TensorFlow's numbers for them.
 *
 * @example
 * const attributes: Attributes = { T: ['TYPE', 1], epsilon: ['FLOAT', 1e-5] };
 */
export type Attributes = Readonly<Record<string, readonly ['TYPE' | 'INT' | 'FLOAT' | 'BOOL' | 'STRING', number | string | boolean | readonly number[]]>>;

interface Backend {
  readonly binding: Readonly<Record<string, number>>;
  executeMultipleOutputs(op: string, attributes: readonly object[], inputs: readonly tf.Tensor[], count: number): tf.Tensor[];
}

/** TensorFlow's number for float32. */
export const FLOAT = 1;
/** TensorFlow's number for int32. */
export const INT = 3;

/**
 * Runs any TensorFlow operation on tfjs-node's backend, which must be the one in use. Where steps are recorded it is recorded.
 *
 * @param op - TensorFlow's name
 * @param attributes - all that have no default
 * @param inputs - in TensorFlow's order
 * @param count - of outputs
 * @returns tensors of the caller's
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const both = (a: tf.Tensor, b: tf.Tensor): tf.Tensor | undefined => execute('BitwiseAnd', { T: ['TYPE', INT] }, [a, b])[0];
 */
export const execute = (op: string, attributes: Attributes, inputs: readonly tf.Tensor[], count = 1): tf.Tensor[] => {
  const backend = tf.backend() as unknown as Backend;
  const listed = Object.entries(attributes).map(([name, [kind, value]]) => ({ name, type: backend.binding[`TF_ATTR_${kind}`], value }));
  return backend.executeMultipleOutputs(op, listed, inputs, count);
};
