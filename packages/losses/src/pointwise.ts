import { type HostArray, type Key, normal } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';

/**
 * A 1×1 convolution, `f · K` at every position, as the matrix product it is: no convolution kernel is needed, and it fits taps of
 * any rank.
 *
 * @param f - `[batch, ..., channels]`
 * @param kernel - `[..., channels, width]`, all lengths before these two 1
 * @returns `[batch, ..., width]`; the caller disposes it
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * pointwise(tf.ones([2, 4, 4, 3]), tf.ones([1, 1, 3, 5])).shape; // [2, 4, 4, 5]
 */
export const pointwise = (f: tf.Tensor, kernel: tf.Tensor): tf.Tensor => {
  const [channels, width] = kernel.shape.slice(-2) as [number, number];
  return f.reshape([-1, channels]).matMul(kernel.reshape([channels, width])).reshape([...f.shape.slice(0, -1), width]);
};

/**
 * First weights of a linear map on the channels of a tap: `N(0, gain/channels)`.
 *
 * @param key - same key, same weights
 * @param example - shape of one example, `[..., channels]`; a map gets a kernel in the layout of convolutions
 * @param width - channels it makes
 * @param gain - default 1; 2 before a ReLU
 * @example
 * pointwiseKernel([0, 1], [8, 8, 16], 64).shape; // [1, 1, 16, 64]
 */
export const pointwiseKernel = (key: Key, example: readonly number[], width: number, gain = 1): HostArray => {
  const channels = example.at(-1) ?? 1;
  const spread = Math.sqrt(gain / channels);
  return {
    shape: [...example.slice(0, -1).map(() => 1), channels, width],
    values: normal(key, channels * width).map((z) => z * spread),
  };
};
