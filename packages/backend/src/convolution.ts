import * as tf from '@tensorflow/tfjs';

/**
 * Attributes of tfjs's convolution and pooling kernels and of their gradients, as far as geometry needs them.
 *
 * @example
 * const attributes: ConvolutionAttributes = { strides: 1, pad: 'same', dataFormat: 'NHWC', dilations: 1 };
 */
export interface ConvolutionAttributes {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | [[number, number], [number, number], [number, number], [number, number]];
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dilations?: [number, number] | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

type Rank4 = [number, number, number, number];

/**
 * The geometry of a convolution: output size, padding, strides.
 *
 * @param input - shape `[batch, height, width, channels]`
 * @param filter - shape `[height, width, in, out]`
 * @param depthwise - whether the filter is `[height, width, channels, multiplier]`
 * @example
 * const { outHeight } = geometry([1, 8, 8, 3], [3, 3, 3, 4], { strides: 2, pad: 'same' }, false); // 4
 */
export const geometry = (input: readonly number[], filter: readonly number[], attributes: ConvolutionAttributes, depthwise: boolean): tf.backend_util.Conv2DInfo =>
  tf.backend_util.computeConv2DInfo(
    [...input] as Rank4,
    [...filter] as Rank4,
    attributes.strides,
    attributes.dilations ?? 1,
    attributes.pad,
    attributes.dimRoundingMode,
    depthwise,
    tf.backend_util.convertConv2DDataFormat(attributes.dataFormat ?? 'NHWC'),
  );

/**
 * Attributes of pooling kernels.
 *
 * @example
 * const attributes: PoolingAttributes = { filterSize: 2, strides: 2, pad: 'same' };
 */
export interface PoolingAttributes extends ConvolutionAttributes {
  readonly filterSize: [number, number] | number;
}

/**
 * The geometry of a pooling: a depthwise convolution's, without a filter.
 *
 * @param input - shape `[batch, height, width, channels]`
 * @example
 * const { outHeight } = poolingGeometry([1, 8, 8, 3], { filterSize: 2, strides: 2, pad: 'valid' }); // 4
 */
export const poolingGeometry = (input: readonly number[], { filterSize, strides, pad, dimRoundingMode }: PoolingAttributes): tf.backend_util.Conv2DInfo =>
  tf.backend_util.computePool2DInfo([...input] as Rank4, filterSize, strides, 1, pad, dimRoundingMode);
