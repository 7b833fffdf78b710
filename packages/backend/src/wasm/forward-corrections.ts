import type { Kernel } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { type ConvolutionAttributes, geometry } from '../convolution.ts';
import { insistSoundPadding } from '../sound-padding.ts';
import { sampled } from './sampled.ts';

/** The stock kernels read 'same' wrongly where the last windows end before the image does: without its unused rim all is well. */
const withoutRim = (name: string, depthwise: boolean): Kernel => ({
  name,
  compute: (inputs, attributes: ConvolutionAttributes, stock) => {
    const [x, filter] = [inputs['x'] as tf.Tensor4D, inputs['filter'] as tf.Tensor4D];
    const at = geometry(x.shape, filter.shape, attributes, depthwise);
    insistSoundPadding(name, at, attributes);
    const height = (at.outHeight - 1) * at.strideHeight + at.effectiveFilterHeight;
    const width = (at.outWidth - 1) * at.strideWidth + at.effectiveFilterWidth;
    const wrong = attributes.pad === 'same' && (height < at.inHeight || width < at.inWidth);
    if (!wrong || at.dataFormat !== 'channelsLast') return stock(inputs, attributes);
    const used = sampled(x, [height, width], [-at.padInfo.top, -at.padInfo.left], [1, 1]);
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
