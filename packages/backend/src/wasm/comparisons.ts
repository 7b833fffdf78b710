import type { Kernel } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';
import { allocateFlags, flagsOf, floatsOf } from '../memory.ts';

/** A stock comparison, but for float32 with a number: the stock kernel works out the place of both operands for each element. */
const comparison = (name: string, compare: (x: Float32Array, number: number, flags: Uint8Array) => void): Kernel => ({
  name,
  compute: (inputs, attributes: object, stock) => {
    const [a, b] = [inputs['a'] as tf.Tensor, inputs['b'] as tf.Tensor];
    if (a.dtype !== 'float32' || b.dtype !== 'float32' || b.size !== 1 || b.rank > a.rank) return stock(inputs, attributes);
    const output = allocateFlags(a.shape);
    compare(floatsOf(a), floatsOf(b)[0] as number, flagsOf(output));
    return output;
  },
});

/**
 * Comparisons with a number, and the conjunction of what they give: the gradient of `clipByValue` (ReLU6) and masks of dropout,
 * which on stock wasm are a third of MobileNet's training step.
 *
 * @example
 * console.log(comparisons.map(({ name }) => name)); // ['GreaterEqual', 'LessEqual', 'LogicalAnd']
 */
export const comparisons: readonly Kernel[] = [
  comparison('GreaterEqual', (x, number, flags) => {
    for (let at = 0; at < flags.length; at++) flags[at] = Number((x[at] as number) >= number);
  }),
  comparison('LessEqual', (x, number, flags) => {
    for (let at = 0; at < flags.length; at++) flags[at] = Number((x[at] as number) <= number);
  }),
  {
    name: 'LogicalAnd',
    compute: (inputs, attributes: object, stock) => {
      const [a, b] = [inputs['a'] as tf.Tensor, inputs['b'] as tf.Tensor];
      if (a.shape.join() !== b.shape.join()) return stock(inputs, attributes);
      const output = allocateFlags(a.shape);
      const [left, right, flags] = [flagsOf(a), flagsOf(b), flagsOf(output)];
      for (let at = 0; at < flags.length; at++) flags[at] = Number(left[at] !== 0 && right[at] !== 0);
      return output;
    },
  },
];
