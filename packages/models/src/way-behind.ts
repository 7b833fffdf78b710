import type * as tf from '@tensorflow/tfjs';

/**
 * How an output of a layer follows from an inner one.
 *
 * @param start - where the value is known
 * @param end - what is wanted
 * @returns `'through'` if all ways from the model's input to `end` lead through `start` (which may be `end` itself), `'none'` if none
 *   does, `'around'` if others lead around it
 */
export const wayBehind = (start: tf.SymbolicTensor, end: tf.SymbolicTensor): 'through' | 'none' | 'around' => {
  const seen = new Set<tf.SymbolicTensor>();
  const open = [end];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    if (at !== start) open.push(...at.inputs);
  }
  if (!seen.has(start)) return 'none';
  return [...seen].some((at) => at !== start && at.inputs.length === 0) ? 'around' : 'through';
};
