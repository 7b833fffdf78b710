import type { Kernel } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

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

/** Every `by`-th row of a matrix of rows that lie `by` to a line: whole lines are copied, where a strided slice takes number by number. */
const every = (by: number, lines: number, x: tf.Tensor): tf.Tensor => {
  const width = x.size / lines;
  return by === 1 ? x : tf.slice(tf.reshape(x, [lines, width]), [0, 0], [lines, width / by]);
};

/** The pixels that a convolution uses. */
const usedBy = (x: tf.Tensor, [down, right]: readonly [number, number]): tf.Tensor => {
  const [n = 1, height = 1, width = 1, channels = 1] = x.shape;
  if (height % down !== 0 || width % right !== 0) return tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, down, right, 1]);
  const rows = every(down, (n * height) / down, x);
  return tf.reshape(every(right, rows.size / (right * channels), rows), [n, height / down, width / right, channels]);
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
      const [n = 1, height = 1, width = 1, channels = 1] = attributes.inputShape ?? [];
      const [, rows = 1, columns = 1] = dy.shape;
      const [down, right] = stridesOf(attributes);
      const used = stock({ dy, filter }, { ...attributes, strides: 1, inputShape: [n, rows, columns, channels] }) as unknown as tf.Tensor;
      // Between the pixels that were used lie those that were not, with a gradient of 0.
      const apart = tf.pad(tf.reshape(used, [n * rows, 1, columns, 1, channels]), [[0, 0], [0, down - 1], [0, 0], [0, right - 1], [0, 0]]);
      return tf.slice(tf.reshape(apart, [n, rows * down, columns * right, channels]), [0, 0, 0, 0], [n, height, width, channels]);
    },
  },
];
