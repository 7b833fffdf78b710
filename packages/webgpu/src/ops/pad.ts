import type { Kernel } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/** Most axes that the stock shader can index. */
const AXES = 4;

/**
 * Padding of tensors of more than four axes: the stock shader for them does not compile, and its results are zeros.
 *
 * @example
 * console.log(pad.name); // 'PadV2'
 */
export const pad: Kernel = {
  name: 'PadV2',
  compute: (inputs, attributes: { readonly paddings: readonly (readonly [number, number])[]; readonly constantValue: number }, stock) => {
    const { x } = inputs as Readonly<Record<'x', tf.Tensor>>;
    if (x.rank <= AXES) return stock(inputs, attributes);
    return attributes.paddings.reduce<tf.Tensor>((inner, sides, axis) => {
      const filled = (size: number): tf.Tensor => tf.fill(inner.shape.with(axis, size), attributes.constantValue, x.dtype);
      const [before, behind] = sides;
      return before + behind === 0 ? inner : tf.concat([filled(before), inner, filled(behind)], axis);
    }, tf.clone(x));
  },
};
