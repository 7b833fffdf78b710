import type { Kernel } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { type PoolingAttributes, poolingGeometry } from './convolution.ts';

/**
 * The gradient of average pooling. The stock kernels of cpu and wasm divide by the whole window even where it lies over
 * the border; the forward pass divides by the part inside, and so does this.
 *
 * @example
 * console.log(avgPoolGrad.name); // 'AvgPoolGrad'
 */
export const avgPoolGrad: Kernel = {
  name: 'AvgPoolGrad',
  compute: (inputs, attributes: PoolingAttributes, stock) => {
    const [dy, input] = [inputs['dy'] as tf.Tensor4D, inputs['input'] as tf.Tensor4D];
    const at = poolingGeometry(input.shape, attributes);
    const { top, bottom, left, right } = at.padInfo;
    if (top + bottom + left + right === 0) return stock(inputs, attributes);
    const inside = (start: number, length: number, window: number): number => Math.min(length, start + window) - Math.max(0, start);
    const window = at.filterHeight * at.filterWidth;
    const corrections = Float32Array.from({ length: at.outHeight * at.outWidth }, (_, index) => {
      const row = Math.floor(index / at.outWidth) * at.strideHeight - top;
      const column = (index % at.outWidth) * at.strideWidth - left;
      return window / (inside(row, at.inHeight, at.filterHeight) * inside(column, at.inWidth, at.filterWidth));
    });
    return stock({ dy: tf.mul(dy, tf.tensor4d(corrections, [1, at.outHeight, at.outWidth, 1])), input }, attributes);
  },
};
