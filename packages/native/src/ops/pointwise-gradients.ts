import type { Kernel } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { execute, FLOAT } from './execute.ts';

interface Convolution {
  readonly strides: number | readonly [number, number];
  readonly pad: unknown;
  readonly filterShape?: readonly number[];
  readonly inputShape?: readonly number[];
}

const stridesOf = ({ strides }: Convolution): readonly [number, number] => (typeof strides === 'number' ? [strides, strides] : strides);

/** Convolutions whose filter is one pixel and which skip some: padding makes no difference to them. */
const skips = (attributes: Convolution, filter: readonly number[]): boolean =>
  filter[0] === 1 && filter[1] === 1 && Math.max(...stridesOf(attributes)) > 1 && (attributes.pad === 'same' || attributes.pad === 'valid' || attributes.pad === 0);

/** The pixels that a convolution uses, as means of one: a pooling is several times as fast as slices. */
const usedBy = (x: tf.Tensor, strides: readonly [number, number]): tf.Tensor => tf.avgPool(x as tf.Tensor4D, 1, [...strides], 'valid');

/** The gradient of {@link usedBy}: between the pixels that were used lie those that were not, with a gradient of 0. */
const apart = (used: tf.Tensor, inputShape: readonly number[], [down, right]: readonly [number, number]): tf.Tensor => {
  const attributes = { T: ['TYPE', FLOAT], ksize: ['INT', [1, 1, 1, 1]], strides: ['INT', [1, down, right, 1]], padding: ['STRING', 'VALID'], data_format: ['STRING', 'NHWC'] } as const;
  const [gradient] = execute('AvgPoolGrad', attributes, [tf.tensor1d([...inputShape], 'int32'), used]);
  return gradient as tf.Tensor;
};

/**
 * Gradients of strided 1 × 1 convolutions, without strides: of the pixels that are used. TensorFlow 2.21 with oneDNN writes outside
 * of its memory there, and then results vary from run to run, or the process ends.
 *
 * @example
 * console.log(pointwiseGradients.map(({ name }) => name)); // ['Conv2DBackpropFilter', 'Conv2DBackpropInput']
 */
export const pointwiseGradients: readonly Kernel[] = [
  {
    name: 'Conv2DBackpropFilter',
    compute: (inputs, attributes: Convolution, stock) => {
      if (!skips(attributes, attributes.filterShape ?? [])) return stock(inputs, attributes);
      const { x, dy } = inputs as Readonly<Record<'x' | 'dy', tf.Tensor>>;
      return stock({ x: usedBy(x, stridesOf(attributes)), dy }, { ...attributes, strides: 1 });
    },
  },
  {
    name: 'Conv2DBackpropInput',
    compute: (inputs, attributes: Convolution, stock) => {
      const { dy, filter } = inputs as Readonly<Record<'dy' | 'filter', tf.Tensor>>;
      if (!skips(attributes, filter.shape)) return stock(inputs, attributes);
      const [n = 1, , , channels = 1] = attributes.inputShape ?? [];
      const [, rows = 1, columns = 1] = dy.shape;
      const used = stock({ dy, filter }, { ...attributes, strides: 1, inputShape: [n, rows, columns, channels] }) as unknown as tf.Tensor;
      return apart(used, attributes.inputShape ?? [], stridesOf(attributes));
    },
  },
];
