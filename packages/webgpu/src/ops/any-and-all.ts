import type { Kernel } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

const reduced = (name: string, reduce: (x: tf.Tensor, axis: number[], keepDims: boolean) => tf.Tensor): Kernel => ({
  name,
  compute: ({ x }, { axis, keepDims }: { readonly axis?: number | readonly number[] | null; readonly keepDims: boolean }) => {
    const { rank } = x as tf.Tensor;
    const axes = [axis ?? Array.from({ length: rank }, (_, each) => each)].flat();
    return tf.cast(reduce(tf.cast(x as tf.Tensor, 'int32'), axes, keepDims), 'bool');
  },
});

/**
 * Whether any, and whether all along some axes are true, as the largest and the smallest: the stock shaders compile for the last
 * axes only, and other results are zeros.
 *
 * @example
 * console.log(anyAndAll.map(({ name }) => name)); // ['Any', 'All']
 */
export const anyAndAll: readonly Kernel[] = [reduced('Any', tf.max), reduced('All', tf.min)];
