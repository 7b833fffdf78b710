import * as tf from '@tensorflow/tfjs';
import { type ConvolutionAttributes, fullyPadded, geometry, padded, subsampled } from '../convolution.ts';
import type { Kernel } from '../install-kernels.ts';

/** `[n, h, w, c·m]` as one tensor `[n, h, w, c]` per multiplier: output channel `c·m + k` belongs to input channel `c`. */
const perMultiplier = (dy: tf.Tensor4D, multiplier: number): readonly tf.Tensor4D[] => {
  if (multiplier === 1) return [dy];
  const [n, h, w, channels] = dy.shape;
  const split = tf.reshape(dy, [n * h * w, channels / multiplier, multiplier]);
  return tf.unstack(split, 2).map((each) => tf.reshape(each, [n, h, w, channels / multiplier]));
};

/**
 * The gradient of a depthwise convolution with respect to its filter, which the wasm backend lacks:
 * `dW[i, j, c, m] = Σ x[n, h·s+i, w·s+j, c] · dy[n, h, w, c·M+m]`, one product and sum per filter element.
 *
 * @example
 * console.log(depthwiseBackpropFilter.name); // 'DepthwiseConv2dNativeBackpropFilter'
 */
export const depthwiseBackpropFilter: Kernel = {
  name: 'DepthwiseConv2dNativeBackpropFilter',
  compute: ({ x, dy }, attributes: ConvolutionAttributes & { readonly filterShape: readonly number[] }) => {
    const at = geometry((x as tf.Tensor4D).shape, attributes.filterShape, attributes, true);
    const multiplier = attributes.filterShape[3] ?? 1;
    const square = at.strideHeight === at.strideWidth;
    const image = padded(x as tf.Tensor4D, at, square ? at.strideHeight - 1 : 0);
    const gradients = perMultiplier(dy as tf.Tensor4D, multiplier).map((each) => tf.reshape(each, [-1, at.inChannels]));
    const window = (i: number, j: number): tf.Tensor => {
      const [top, left] = [i * at.dilationHeight, j * at.dilationWidth];
      if (square) return subsampled(tf.slice(image, [0, top, left, 0], [-1, at.outHeight * at.strideHeight, at.outWidth * at.strideWidth, -1]), at.strideHeight, at.outHeight, at.outWidth);
      const end = [image.shape[0], top + (at.outHeight - 1) * at.strideHeight + 1, left + (at.outWidth - 1) * at.strideWidth + 1, at.inChannels];
      return tf.stridedSlice(image, [0, top, left, 0], end, [1, at.strideHeight, at.strideWidth, 1]);
    };
    const elements: tf.Tensor[] = [];
    for (let i = 0; i < at.filterHeight; i++) {
      for (let j = 0; j < at.filterWidth; j++) {
        const rows = tf.reshape(window(i, j), [-1, at.inChannels]);
        elements.push(tf.stack(gradients.map((each) => tf.sum(tf.mul(rows, each), 0)), 1));
      }
    }
    return tf.reshape(tf.stack(elements), [at.filterHeight, at.filterWidth, at.inChannels, multiplier]);
  },
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
  compute: ({ dy, filter }, attributes: ConvolutionAttributes & { readonly inputShape: readonly number[] }) => {
    const weights = filter as tf.Tensor4D;
    const at = geometry(attributes.inputShape, weights.shape, attributes, true);
    const multiplier = weights.shape[3];
    const parts = perMultiplier(dy as tf.Tensor4D, multiplier).map((each, m) => {
      const own = multiplier === 1 ? weights : tf.slice(weights, [0, 0, 0, m], [-1, -1, -1, 1]);
      return tf.depthwiseConv2d(fullyPadded(each, at), tf.reverse(own, [0, 1]), 1, 'valid', 'NHWC', [at.dilationHeight, at.dilationWidth]);
    });
    return parts.length === 1 ? (parts[0] as tf.Tensor) : tf.addN(parts);
  },
};
