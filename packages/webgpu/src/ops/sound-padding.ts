import { CodistillError, type Kernel, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

type Pair = number | [number, number];
type Shape4 = [number, number, number, number];

interface Windows {
  readonly filterSize?: Pair;
  readonly strides: Pair;
  readonly pad: 'same' | 'valid' | number | tf.backend_util.ExplicitPadding;
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dilations?: Pair;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

const geometry = (inputs: Readonly<Record<string, tf.Tensor>>, { filterSize = 1, strides, pad, dataFormat = 'NHWC', dilations = 1, dimRoundingMode }: Windows): tf.backend_util.Conv2DInfo => {
  const [x, filter] = [inputs['x']?.shape as Shape4, inputs['filter']?.shape as Shape4 | undefined];
  if (filter === undefined) return tf.backend_util.computePool2DInfo(x, filterSize, strides, 1, pad, dimRoundingMode);
  // Only how windows lie is asked, for which it does not matter how channels are joined.
  return tf.backend_util.computeConv2DInfo(x, filter, strides, dilations, pad, dimRoundingMode, true, tf.backend_util.convertConv2DDataFormat(dataFormat));
};

/** Of padding by a number, tfjs applies the filter's height and the stride downwards to both sides; gradients only round down. */
const sound = (name: string): Kernel => ({
  name,
  compute: (inputs, attributes: Windows, stock) => {
    const { pad } = attributes;
    if (typeof pad === 'string') return stock(inputs, attributes);
    const at = geometry(inputs, attributes);
    const [filter, strides] = [[at.effectiveFilterHeight, at.effectiveFilterWidth] as const, [at.strideHeight, at.strideWidth] as const];
    const { top, bottom, left, right } = at.padInfo;
    const across = (size: number, axis: 0 | 1): number => Math.floor((size - filter[axis]) / strides[axis]) + 1;
    const fits = at.outHeight === across(at.inHeight + top + bottom, 0) && at.outWidth === across(at.inWidth + left + right, 1);
    if (fits && (typeof pad !== 'number' || (filter[0] === filter[1] && strides[0] === strides[1]))) return stock(inputs, attributes);
    throw new CodistillError('PADDING_UNSOUND', say.backend.paddingUnsound(name, typeof pad === 'number' ? `of ${pad}` : 'per side', filter, strides));
  },
});

/**
 * Stock convolutions and poolings, but padding by which tfjs computes another size than its windows fit is refused: the numbers
 * would be wrong.
 *
 * @example
 * console.log(soundPadding.map(({ name }) => name));
 */
export const soundPadding: readonly Kernel[] = ['Conv2D', 'FusedConv2D', 'DepthwiseConv2dNative', 'FusedDepthwiseConv2D', 'MaxPool', 'AvgPool'].map(sound);
