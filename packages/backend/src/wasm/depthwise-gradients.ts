import type { Kernel } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { type ConvolutionAttributes, geometry } from '../convolution.ts';
import { allocate, floatsOf } from '../memory.ts';
import { spread } from './spread.ts';

interface Taps {
  /** The first and the last output whose window's element lies inside the image. */
  readonly first: number;
  readonly last: number;
}

const tapsOf = (padding: number, element: number, stride: number, length: number, outputs: number): Taps => ({
  first: Math.max(0, Math.ceil((padding - element) / stride)),
  last: Math.min(outputs - 1, Math.floor((length - 1 + padding - element) / stride)),
});

/**
 * The gradient of a depthwise convolution with respect to its filter, which the wasm backend lacks:
 * `dW[i, j, c, m] = Σ x[n, h·s+i, w·s+j, c] · dy[n, h, w, c·M+m]`, summed in float64, a row of the image at a time.
 *
 * @example
 * console.log(depthwiseBackpropFilter.name); // 'DepthwiseConv2dNativeBackpropFilter'
 */
export const depthwiseBackpropFilter: Kernel = {
  name: 'DepthwiseConv2dNativeBackpropFilter',
  compute: (inputs, attributes: ConvolutionAttributes & { readonly filterShape: readonly number[] }) => {
    const [image, gradient] = [inputs['x'] as tf.Tensor4D, inputs['dy'] as tf.Tensor4D];
    const at = geometry(image.shape, attributes.filterShape, attributes, true);
    const output = allocate(attributes.filterShape);
    const [x, dy] = [floatsOf(image), floatsOf(gradient)];
    const { inChannels: ins, outChannels: outs } = at;
    const sums = new Float64Array(at.filterHeight * at.filterWidth * outs);
    const columns = Array.from({ length: at.filterWidth }, (_, j) => tapsOf(at.padInfo.left, j, at.strideWidth, at.inWidth, at.outWidth));
    for (let i = 0; i < at.filterHeight; i++) {
      const rows = tapsOf(at.padInfo.top, i, at.strideHeight, at.inHeight, at.outHeight);
      for (let n = 0; n < at.batchSize; n++) {
        for (let row = rows.first; row <= rows.last; row++) {
          const line = (n * at.inHeight + row * at.strideHeight + i - at.padInfo.top) * at.inWidth - at.padInfo.left;
          const outputLine = (n * at.outHeight + row) * at.outWidth;
          columns.forEach(({ first, last }, j) => {
            const sumsFrom = (i * at.filterWidth + j) * outs;
            for (let k = 0; k < outs; k++) {
              let source = (line + j + first * at.strideWidth) * ins + Math.floor((k * ins) / outs);
              let target = (outputLine + first) * outs + k;
              let sum = 0;
              for (let column = first; column <= last; column++, source += at.strideWidth * ins, target += outs) sum += (x[source] as number) * (dy[target] as number);
              (sums[sumsFrom + k] as number) += sum;
            }
          });
        }
      }
    }
    floatsOf(output).set(sums);
    return output;
  },
};

/** `[n, h, w, c·m]` as one tensor `[n, h, w, c]` per multiplier: output channel `c·m + k` belongs to input channel `c`. */
const perMultiplier = (dy: tf.Tensor4D, multiplier: number): readonly tf.Tensor4D[] => {
  if (multiplier === 1) return [dy];
  const [n, h, w, channels] = dy.shape;
  const split = tf.reshape(dy, [n * h * w, channels / multiplier, multiplier]);
  return tf.unstack(split, 2).map((each) => tf.reshape(each, [n, h, w, channels / multiplier]));
};

/**
 * The gradient of a depthwise convolution with respect to its input, which the wasm backend lacks: a depthwise convolution of the
 * spread gradient with the filter turned around, summed over multipliers.
 *
 * @example
 * console.log(depthwiseBackpropInput.name); // 'DepthwiseConv2dNativeBackpropInput'
 */
export const depthwiseBackpropInput: Kernel = {
  name: 'DepthwiseConv2dNativeBackpropInput',
  compute: (inputs, attributes: ConvolutionAttributes & { readonly inputShape: readonly number[] }) => {
    const [dy, filter] = [inputs['dy'] as tf.Tensor4D, inputs['filter'] as tf.Tensor4D];
    const at = geometry(attributes.inputShape, filter.shape, attributes, true);
    const multiplier = filter.shape[3];
    const [above, before] = [at.filterHeight - 1, at.filterWidth - 1];
    const parts = perMultiplier(dy, multiplier).map((each, m) => {
      const own = multiplier === 1 ? filter : tf.slice(filter, [0, 0, 0, m], [-1, -1, -1, 1]);
      const wide = spread(each, [at.inHeight + above, at.inWidth + before], [above - at.padInfo.top, before - at.padInfo.left], [at.strideHeight, at.strideWidth]);
      return tf.depthwiseConv2d(wide, tf.reverse(own, [0, 1]), 1, 'valid');
    });
    return parts.length === 1 ? (parts[0] as tf.Tensor) : tf.addN(parts);
  },
};
