import { CodistillError, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { type ConvolutionAttributes, geometry } from '../convolution.ts';
import type { Kernel } from '../install-kernels.ts';

/** tfjs computes a wrong output shape for a number as padding and a filter that is not square, and wasm writes out of bounds. */
const refuseOddPadding = (op: string, filter: tf.Tensor4D, { pad }: ConvolutionAttributes): void => {
  const [height, width] = filter.shape;
  if (typeof pad === 'number' && height !== width) {
    throw new CodistillError('PADDED_ODD_FILTER', say.backend.paddedOddFilter(op, height, width));
  }
};

/** The stock kernels read 'same' wrongly where the last windows end before the image does: without its unused rim all is well. */
const withoutRim = (name: string, depthwise: boolean): Kernel => ({
  name,
  compute: (inputs, attributes: ConvolutionAttributes, stock) => {
    const [x, filter] = [inputs['x'] as tf.Tensor4D, inputs['filter'] as tf.Tensor4D];
    refuseOddPadding(name, filter, attributes);
    const at = geometry(x.shape, filter.shape, attributes, depthwise);
    const height = (at.outHeight - 1) * at.strideHeight + at.effectiveFilterHeight;
    const width = (at.outWidth - 1) * at.strideWidth + at.effectiveFilterWidth;
    const wrong = attributes.pad === 'same' && (height < at.inHeight || width < at.inWidth);
    if (!wrong) return stock(inputs, attributes);
    const { top, bottom, left, right } = at.padInfo;
    const grown = tf.pad(x, [[0, 0], [top, bottom], [left, right], [0, 0]]);
    const used = tf.slice(grown, [0, 0, 0, 0], [-1, Math.min(height, grown.shape[1]), Math.min(width, grown.shape[2]), -1]);
    return stock({ ...inputs, x: used }, { ...attributes, pad: 'valid' });
  },
});

/**
 * Stock wasm kernels whose results are silently wrong, put right: 'same' convolutions that leave a rim of the image unused, and
 * one-hot of float32 (which gives 1.4e-45 for 1).
 *
 * @example
 * console.log(forwardCorrections.map(({ name }) => name));
 */
export const forwardCorrections: readonly Kernel[] = [
  withoutRim('Conv2D', false),
  withoutRim('FusedConv2D', false),
  withoutRim('DepthwiseConv2dNative', true),
  withoutRim('FusedDepthwiseConv2D', true),
  {
    name: 'OneHot',
    compute: (inputs, attributes: { readonly dtype?: string }, stock) => {
      if (attributes.dtype !== 'float32') return stock(inputs, attributes);
      const whole = stock(inputs, { ...attributes, dtype: 'int32' });
      return tf.cast(tf.engine().makeTensorFromTensorInfo(whole), 'float32');
    },
  },
];
