import type { Kernel } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

interface Pooling {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: 'same' | 'valid' | number | tf.backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/**
 * The gradient of average pooling. The stock kernel divides by the whole window even where it lies over the border; the forward
 * pass divides by the part inside, and so does this.
 *
 * @example
 * console.log(avgPoolGrad.name); // 'AvgPoolGrad'
 */
export const avgPoolGrad: Kernel = {
  name: 'AvgPoolGrad',
  compute: (inputs, attributes: Pooling, stock) => {
    const { dy, input } = inputs as Readonly<Record<'dy' | 'input', tf.Tensor4D>>;
    const { filterSize, strides, pad, dimRoundingMode } = attributes;
    const { top, bottom, left, right } = tf.backend_util.computePool2DInfo(input.shape, filterSize, strides, 1, pad, dimRoundingMode).padInfo;
    if (top + bottom + left + right === 0) return stock({ dy, input }, attributes);
    const image = tf.pad(tf.ones<tf.Rank.R4>([1, input.shape[1], input.shape[2], 1]), [[0, 0], [top, bottom], [left, right], [0, 0]]);
    const inside = tf.avgPool(image, filterSize, strides, 'valid');
    return stock({ dy: tf.div(dy, inside), input }, attributes);
  },
};
