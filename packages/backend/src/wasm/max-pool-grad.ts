import * as tf from '@tensorflow/tfjs';
import type { ConvolutionAttributes } from '../convolution.ts';
import type { Kernel } from '../install-kernels.ts';
import { allocate, floatsOf } from './heap.ts';

/**
 * The gradient of max pooling. The stock wasm kernel drops windows whose values are all negative: its running maximum starts at
 * the smallest positive number. This one starts at −∞, and of equal values takes the first, as the cpu backend does.
 *
 * @example
 * console.log(maxPoolGrad.name); // 'MaxPoolGrad'
 */
export const maxPoolGrad: Kernel = {
  name: 'MaxPoolGrad',
  compute: ({ dy, input }, attributes: ConvolutionAttributes & { readonly filterSize: [number, number] | number }) => {
    const image = input as tf.Tensor4D;
    const at = tf.backend_util.computePool2DInfo(image.shape, attributes.filterSize, attributes.strides, 1, attributes.pad, attributes.dimRoundingMode);
    const output = allocate(image.shape);
    const [dx, x, gradient] = [floatsOf(output), floatsOf(image), floatsOf(dy as tf.Tensor)];
    const channels = at.inChannels;
    const best = new Float32Array(channels);
    const place = new Int32Array(channels);
    dx.fill(0);
    for (let n = 0; n < at.batchSize; n++) {
      for (let row = 0; row < at.outHeight; row++) {
        const top = row * at.strideHeight - at.padInfo.top;
        for (let column = 0; column < at.outWidth; column++) {
          const left = column * at.strideWidth - at.padInfo.left;
          best.fill(-Infinity);
          for (let h = Math.max(0, top); h < Math.min(at.inHeight, top + at.effectiveFilterHeight); h++) {
            for (let w = Math.max(0, left); w < Math.min(at.inWidth, left + at.effectiveFilterWidth); w++) {
              const offset = ((n * at.inHeight + h) * at.inWidth + w) * channels;
              for (let c = 0; c < channels; c++) {
                const value = x[offset + c] as number;
                if (value > (best[c] as number)) {
                  best[c] = value;
                  place[c] = offset + c;
                }
              }
            }
          }
          const from = ((n * at.outHeight + row) * at.outWidth + column) * channels;
          for (let c = 0; c < channels; c++) (dx[place[c] as number] as number) += gradient[from + c] as number;
        }
      }
    }
    return output;
  },
};
