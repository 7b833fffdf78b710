import * as tf from '@tensorflow/tfjs';

/** Softmax over the last axis, as a layer. */
export const softmaxLayer = (logits: tf.SymbolicTensor, name: string): tf.SymbolicTensor =>
  tf.layers.softmax({ axis: -1, name }).apply(logits) as tf.SymbolicTensor;

/** `factor · x`, as a layer without weights. */
export const scaleLayer = (x: tf.SymbolicTensor, factor: number, name: string): tf.SymbolicTensor =>
  tf.layers.rescaling({ scale: factor, name }).apply(x) as tf.SymbolicTensor;

/** The sum, as a layer; of one tensor that tensor itself, which tfjs's own layer refuses. */
export const sumLayer = (terms: readonly tf.SymbolicTensor[], name: string): tf.SymbolicTensor => {
  const [first] = terms;
  return first !== undefined && terms.length === 1 ? first : (tf.layers.add({ name }).apply([...terms]) as tf.SymbolicTensor);
};
