import * as tf from '@tensorflow/tfjs';

/**
 * Attributes of tfjs's convolution kernels and of their gradients, as far as geometry needs them.
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
 * Pads (or crops) a batch so that its windows are exactly those of the convolution, without padding.
 *
 * @param x - `[batch, height, width, channels]`
 * @param extra - rows and columns beyond the last window
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * padded(tf.ones([1, 4, 4, 1]), geometry([1, 4, 4, 1], [3, 3, 1, 1], { strides: 1, pad: 'same' }, false)).shape; // [1, 6, 6, 1]
 */
export const padded = (x: tf.Tensor4D, at: tf.backend_util.Conv2DInfo, extra = 0): tf.Tensor4D => {
  const height = (at.outHeight - 1) * at.strideHeight + (at.filterHeight - 1) * at.dilationHeight + 1 + extra;
  const width = (at.outWidth - 1) * at.strideWidth + (at.filterWidth - 1) * at.dilationWidth + 1 + extra;
  const { top, left } = at.padInfo;
  const bottom = Math.max(0, height - at.inHeight - top);
  const right = Math.max(0, width - at.inWidth - left);
  const wide = top + left + bottom + right === 0 ? x : tf.pad(x, [[0, 0], [top, bottom], [left, right], [0, 0]]);
  return wide.shape[1] === height && wide.shape[2] === width ? wide : tf.slice(wide, [0, 0, 0, 0], [-1, height, width, -1]);
};

/**
 * Every s-th row and column: `x[:, ::s, ::s, :]`, by two slices of reshaped tensors, which are cheaper than a strided slice.
 *
 * @param x - `[batch, at least height·s, at least width·s, channels]`
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * subsampled(tf.ones([1, 4, 4, 1]), 2, 2, 2).shape; // [1, 2, 2, 1]
 */
export const subsampled = (x: tf.Tensor4D, stride: number, height: number, width: number): tf.Tensor4D => {
  if (stride === 1) return tf.slice(x, [0, 0, 0, 0], [-1, height, width, -1]);
  const [batch, , , channels] = x.shape;
  const down = Math.max(0, height * stride - x.shape[1]);
  const right = Math.max(0, width * stride - x.shape[2]);
  const grown = down + right === 0 ? x : tf.pad(x, [[0, 0], [0, down], [0, right], [0, 0]]);
  const even = tf.slice(grown, [0, 0, 0, 0], [-1, height * stride, width * stride, -1]);
  const rows = tf.slice(tf.reshape(even, [batch * height, stride * width * stride * channels]), [0, 0], [-1, width * stride * channels]);
  const columns = tf.slice(tf.reshape(rows, [batch * height * width, stride * channels]), [0, 0], [-1, channels]);
  return tf.reshape(columns, [batch, height, width, channels]);
};

/**
 * Zeros between the elements of a gradient, as a strided convolution left them out: `[n, h, w, c]` to
 * `[n, (h−1)·s+1, (w−1)·s+1, c]`.
 */
const spread = (dy: tf.Tensor4D, strideHeight: number, strideWidth: number): tf.Tensor4D => {
  if (strideHeight === 1 && strideWidth === 1) return dy;
  const [batch, height, width, channels] = dy.shape;
  const rows = tf.pad(tf.reshape(dy, [batch * height, 1, width, channels]), [[0, 0], [0, strideHeight - 1], [0, 0], [0, 0]]);
  const columns = tf.pad(tf.reshape(rows, [batch * height * strideHeight * width, 1, 1, channels]), [[0, 0], [0, 0], [0, strideWidth - 1], [0, 0]]);
  const whole = tf.reshape<tf.Rank.R4>(columns, [batch, height * strideHeight, width * strideWidth, channels]);
  return tf.slice(whole, [0, 0, 0, 0], [-1, (height - 1) * strideHeight + 1, (width - 1) * strideWidth + 1, -1]);
};

/**
 * A spread gradient padded (or cropped) for the full correlation whose output is exactly the input's size.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const at = geometry([1, 4, 4, 1], [3, 3, 1, 1], { strides: 1, pad: 'same' }, false);
 * fullyPadded(tf.ones([1, 4, 4, 1]), at).shape; // [1, 6, 6, 1]
 */
export const fullyPadded = (dy: tf.Tensor4D, at: tf.backend_util.Conv2DInfo): tf.Tensor4D => {
  const tall = (at.filterHeight - 1) * at.dilationHeight;
  const wide = (at.filterWidth - 1) * at.dilationWidth;
  const z = spread(dy, at.strideHeight, at.strideWidth);
  const [top, left] = [tall - at.padInfo.top, wide - at.padInfo.left];
  const [bottom, right] = [at.inHeight + tall - z.shape[1] - top, at.inWidth + wide - z.shape[2] - left];
  const grown: tf.Tensor4D = tf.pad(z, [[0, 0], [Math.max(0, top), Math.max(0, bottom)], [Math.max(0, left), Math.max(0, right)], [0, 0]]);
  return tf.slice(grown, [0, Math.max(0, -top), Math.max(0, -left), 0], [-1, at.inHeight + tall, at.inWidth + wide, -1]);
};
