import { type Kernel, CodistillError, say } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';
import { type ConvolutionAttributes, type PoolingAttributes, geometry, poolingGeometry } from './convolution.ts';

/**
 * Refuses padding by which tfjs computes another size than windows fit. Of a number it applies the filter's height and the stride
 * downwards to both sides; and gradients forget any rounding but down. On cpu the numbers are then wrong, on wasm memory beyond
 * the result is written.
 *
 * @param op - the operation's name, for the sentence
 * @throws CodistillError `PADDING_UNSOUND`
 * @example
 * insistSoundPadding('Conv2D', geometry([1, 8, 8, 3], [3, 3, 3, 4], { strides: 1, pad: 1 }, false), { strides: 1, pad: 1 });
 */
export const insistSoundPadding = (op: string, at: tf.backend_util.Conv2DInfo, { pad }: ConvolutionAttributes): void => {
  if (typeof pad === 'string') return;
  const filter = [at.effectiveFilterHeight, at.effectiveFilterWidth] as const;
  const strides = [at.strideHeight, at.strideWidth] as const;
  const { top, bottom, left, right } = at.padInfo;
  const fits =
    at.outHeight === Math.floor((at.inHeight + top + bottom - filter[0]) / strides[0]) + 1 &&
    at.outWidth === Math.floor((at.inWidth + left + right - filter[1]) / strides[1]) + 1;
  const alike = filter[0] === filter[1] && strides[0] === strides[1];
  if (fits && (alike || typeof pad !== 'number')) return;
  throw new CodistillError('PADDING_UNSOUND', say.backend.paddingUnsound(op, typeof pad === 'number' ? `of ${pad}` : 'per side', filter, strides));
};

const soundConvolution = (name: string, depthwise: boolean): Kernel => ({
  name,
  compute: (inputs, attributes: ConvolutionAttributes, stock) => {
    insistSoundPadding(name, geometry((inputs['x'] as tf.Tensor).shape, (inputs['filter'] as tf.Tensor).shape, attributes, depthwise), attributes);
    return stock(inputs, attributes);
  },
});

const soundPooling = (name: string): Kernel => ({
  name,
  compute: (inputs, attributes: PoolingAttributes, stock) => {
    insistSoundPadding(name, poolingGeometry((inputs['x'] as tf.Tensor).shape, attributes), attributes);
    return stock(inputs, attributes);
  },
});

/**
 * Stock convolutions, for whom padding is sound; see {@link insistSoundPadding}.
 *
 * @example
 * console.log(soundConvolutions.map(({ name }) => name));
 */
export const soundConvolutions: readonly Kernel[] = [
  soundConvolution('Conv2D', false),
  soundConvolution('FusedConv2D', false),
  soundConvolution('DepthwiseConv2dNative', true),
  soundConvolution('FusedDepthwiseConv2D', true),
];

/**
 * Stock poolings, for whom padding is sound; see {@link insistSoundPadding}.
 *
 * @example
 * console.log(soundPoolings.map(({ name }) => name));
 */
export const soundPoolings: readonly Kernel[] = [soundPooling('MaxPool'), soundPooling('AvgPool')];
