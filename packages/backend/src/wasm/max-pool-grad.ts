import type { Kernel } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';
import { type PoolingAttributes, poolingGeometry } from '../convolution.ts';
import { allocate, floatsOf } from '../memory.ts';

/**
 * The gradient of max pooling. The stock wasm kernel drops windows whose values are all negative: its running maximum starts at
 * the smallest positive number. This one starts at the window's first value, and of equal values takes the first, as the cpu
 * backend does.
 *
 * @example
 * console.log(maxPoolGrad.name); // 'MaxPoolGrad'
 */
export const maxPoolGrad: Kernel = {
  name: 'MaxPoolGrad',
  compute: (inputs, attributes: PoolingAttributes) => {
    const [dy, image] = [inputs['dy'] as tf.Tensor4D, inputs['input'] as tf.Tensor4D];
    const at = poolingGeometry(image.shape, attributes);
    const output = allocate(image.shape);
    const [dx, x, gradient] = [floatsOf(output), floatsOf(image), floatsOf(dy)];
    const channels = at.inChannels;
    const offsets = new Int32Array(at.filterHeight * at.filterWidth);
    dx.fill(0);
    for (let n = 0; n < at.batchSize; n++) {
      for (let row = 0; row < at.outHeight; row++) {
        const top = row * at.strideHeight - at.padInfo.top;
        for (let column = 0; column < at.outWidth; column++) {
          const left = column * at.strideWidth - at.padInfo.left;
          let count = 0;
          for (let h = Math.max(0, top); h < Math.min(at.inHeight, top + at.filterHeight); h++) {
            for (let w = Math.max(0, left); w < Math.min(at.inWidth, left + at.filterWidth); w++) {
              offsets[count++] = ((n * at.inHeight + h) * at.inWidth + w) * channels;
            }
          }
          if (count === 0) continue;
          const from = ((n * at.outHeight + row) * at.outWidth + column) * channels;
          for (let c = 0; c < channels; c++) {
            let place = (offsets[0] as number) + c;
            let best = x[place] as number;
            for (let k = 1; k < count; k++) {
              const value = x[(offsets[k] as number) + c] as number;
              if (value > best) {
                best = value;
                place = (offsets[k] as number) + c;
              }
            }
            (dx[place] as number) += gradient[from + c] as number;
          }
        }
      }
    }
    return output;
  },
};
