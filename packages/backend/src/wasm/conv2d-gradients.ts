import * as tf from '@tensorflow/tfjs';
import { type ConvolutionAttributes, fullyPadded, geometry, padded, subsampled } from '../convolution.ts';
import type { Kernel } from '../install-kernels.ts';

const pointwise = (at: tf.backend_util.Conv2DInfo): boolean =>
  at.filterHeight === 1 && at.filterWidth === 1 && at.padInfo.top === 0 && at.padInfo.left === 0 && at.strideHeight === at.strideWidth;

/**
 * The gradient of a convolution with respect to its filter, which the wasm backend lacks.
 *
 * `dW[i, j, a, b] = Σ x[n, h·s+i, w·s+j, a] · dy[n, h, w, b]` is itself a convolution: of the input, channels and batch exchanged,
 * with the output's gradient as a filter dilated by the stride. That runs in the fast forward kernel. A 1×1 filter is one matrix
 * product.
 *
 * @example
 * console.log(conv2dBackpropFilter.name); // 'Conv2DBackpropFilter'
 */
export const conv2dBackpropFilter: Kernel = {
  name: 'Conv2DBackpropFilter',
  compute: ({ x, dy }, attributes: ConvolutionAttributes & { readonly filterShape: readonly number[] }) => {
    const at = geometry((x as tf.Tensor4D).shape, attributes.filterShape, attributes, false);
    const [input, gradient] = [x as tf.Tensor4D, dy as tf.Tensor4D];
    if (pointwise(at)) {
      const positions = at.batchSize * at.outHeight * at.outWidth;
      const rows = tf.reshape(subsampled(input, at.strideHeight, at.outHeight, at.outWidth), [positions, at.inChannels]);
      return tf.reshape(tf.matMul(tf.transpose(rows), tf.reshape(gradient, [positions, at.outChannels])), [1, 1, at.inChannels, at.outChannels]);
    }
    const images = tf.transpose(padded(input, at), [3, 1, 2, 0]);
    const filter = tf.transpose(gradient, [1, 2, 0, 3]);
    const whole = tf.conv2d(images, filter, 1, 'valid', 'NHWC', [at.strideHeight, at.strideWidth]);
    return tf.transpose(tf.slice(whole, [0, 0, 0, 0], [-1, at.filterHeight, at.filterWidth, -1]), [1, 2, 0, 3]);
  },
};

/**
 * The gradient of a convolution with respect to its input: a convolution of the spread gradient with the filter turned around.
 * The stock kernel is a plain loop, and makes a training step about twice as long.
 *
 * @example
 * console.log(conv2dBackpropInput.name); // 'Conv2DBackpropInput'
 */
export const conv2dBackpropInput: Kernel = {
  name: 'Conv2DBackpropInput',
  compute: ({ dy, filter }, attributes: ConvolutionAttributes & { readonly inputShape: readonly number[] }) => {
    const [gradient, weights] = [dy as tf.Tensor4D, filter as tf.Tensor4D];
    const at = geometry(attributes.inputShape, weights.shape, attributes, false);
    if (pointwise(at) && at.strideHeight === 1) {
      const positions = at.batchSize * at.outHeight * at.outWidth;
      const turned = tf.transpose(tf.reshape(weights, [at.inChannels, at.outChannels]));
      return tf.reshape(tf.matMul(tf.reshape(gradient, [positions, at.outChannels]), turned), [at.batchSize, at.inHeight, at.inWidth, at.inChannels]);
    }
    const turned = tf.transpose(tf.reverse(weights, [0, 1]), [0, 1, 3, 2]);
    return tf.conv2d(fullyPadded(gradient, at), turned, 1, 'valid', 'NHWC', [at.dilationHeight, at.dilationWidth]);
  },
};
