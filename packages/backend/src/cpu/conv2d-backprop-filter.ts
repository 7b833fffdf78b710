import type { Kernel } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { type ConvolutionAttributes, geometry } from '../convolution.ts';

/**
 * The gradient of a convolution with respect to its filter, on typed arrays in float64. The stock cpu kernel reads every element
 * through a function call, and is 92% of a training step.
 *
 * @example
 * console.log(conv2dBackpropFilterOnCpu.name); // 'Conv2DBackpropFilter'
 */
export const conv2dBackpropFilterOnCpu: Kernel = {
  name: 'Conv2DBackpropFilter',
  compute: ({ x, dy }, attributes: ConvolutionAttributes & { readonly filterShape: readonly number[] }, stock) => {
    const at = geometry((x as tf.Tensor4D).shape, attributes.filterShape, attributes, false);
    if (at.dataFormat !== 'channelsLast') return stock({ x: x as tf.Tensor, dy: dy as tf.Tensor }, attributes);
    const { data } = tf.backend() as unknown as { readonly data: { get(dataId: object): { readonly values: Float32Array } } };
    const [input, gradient] = [data.get((x as tf.Tensor).dataId).values, data.get((dy as tf.Tensor).dataId).values];
    const [ins, outs] = [at.inChannels, at.outChannels];
    const sums = new Float64Array(at.filterHeight * at.filterWidth * ins * outs);
    for (let n = 0; n < at.batchSize; n++) {
      for (let i = 0; i < at.filterHeight; i++) {
        for (let row = 0; row < at.outHeight; row++) {
          const h = row * at.strideHeight + i - at.padInfo.top;
          if (h < 0 || h >= at.inHeight) continue;
          for (let j = 0; j < at.filterWidth; j++) {
            const element = (i * at.filterWidth + j) * ins * outs;
            for (let column = 0; column < at.outWidth; column++) {
              const w = column * at.strideWidth + j - at.padInfo.left;
              if (w < 0 || w >= at.inWidth) continue;
              const from = ((n * at.inHeight + h) * at.inWidth + w) * ins;
              const to = ((n * at.outHeight + row) * at.outWidth + column) * outs;
              for (let a = 0; a < ins; a++) {
                const value = input[from + a] as number;
                for (let b = 0; b < outs; b++) (sums[element + a * outs + b] as number) += value * (gradient[to + b] as number);
              }
            }
          }
        }
      }
    }
    return tf.tensor(Float32Array.from(sums), [...attributes.filterShape]);
  },
};
