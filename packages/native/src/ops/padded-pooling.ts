import { CodistillError, type Kernel, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

interface Pooling {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: 'same' | 'valid' | number | tf.backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

type Sides = [[number, number], [number, number], [number, number], [number, number]];

/** Zeros beyond the image count for neither pooling: below every value for one, not at all for the other. */
const LOWEST = -3.4e38;

/** Of what pads by numbers, which tfjs-node refuses: the padding of each axis, and the same pooling without. */
const unpadded = (op: string, shape: readonly number[], { filterSize, strides, pad, dimRoundingMode }: Pooling): { readonly sides: Sides; readonly valid: Pooling } => {
  const at = tf.backend_util.computePool2DInfo([...shape] as [number, number, number, number], filterSize, strides, 1, pad, dimRoundingMode);
  const { top, bottom, left, right } = at.padInfo;
  const across = (size: number, before: number, after: number, filter: number, stride: number): number => Math.floor((size + before + after - filter) / stride) + 1;
  const fits = at.outHeight === across(at.inHeight, top, bottom, at.filterHeight, at.strideHeight) && at.outWidth === across(at.inWidth, left, right, at.filterWidth, at.strideWidth);
  if (!fits) {
    const padding = typeof pad === 'number' ? `of ${pad}` : 'per side';
    throw new CodistillError('PADDING_UNSOUND', say.backend.paddingUnsound(op, padding, [at.filterHeight, at.filterWidth], [at.strideHeight, at.strideWidth]));
  }
  return { sides: [[0, 0], [top, bottom], [left, right], [0, 0]], valid: { filterSize, strides, pad: 'valid' } };
};

/** Kernels of tfjs-node return tensors, where tfjs only asks for what one is made of. */
const tensorOf = (info: unknown): tf.Tensor => info as tf.Tensor;

const inside = (gradient: tf.TensorInfo, [, [top], [left]]: Sides, shape: readonly number[]): tf.Tensor => tf.slice(tensorOf(gradient), [0, top, left, 0], [...shape]);

/** How many pixels of the image each window has, over how many it has at all. */
const share = (shape: readonly number[], sides: Sides, { filterSize, strides }: Pooling): tf.Tensor =>
  tf.avgPool(tf.pad(tf.ones<tf.Rank.R4>([1, shape[1] ?? 1, shape[2] ?? 1, 1]), sides), filterSize, strides, 'valid');

/** Uses the stock kernel where tfjs-node has one for the padding. */
const forNumbers = (name: string, image: 'x' | 'input', compute: (inputs: Readonly<Record<string, tf.Tensor>>, sides: Sides, valid: Pooling, stock: Parameters<Kernel['compute']>[2]) => tf.Tensor): Kernel => ({
  name,
  compute: (inputs, attributes: Pooling, stock) => {
    if (typeof attributes.pad === 'string' || attributes.pad === 0) return stock(inputs, { ...attributes, pad: attributes.pad === 0 ? 'valid' : attributes.pad });
    const { sides, valid } = unpadded(name, (inputs[image] as tf.Tensor).shape, attributes);
    return compute(inputs, sides, valid, stock);
  },
});

/**
 * Pooling with padding in numbers, which tfjs-node refuses: of a padded image. Averages are over the pixels that are there.
 *
 * @example
 * console.log(paddedPooling.map(({ name }) => name)); // ['MaxPool', 'MaxPoolGrad', 'AvgPool', 'AvgPoolGrad']
 */
export const paddedPooling: readonly Kernel[] = [
  forNumbers('MaxPool', 'x', ({ x }, sides, valid, stock) => tensorOf(stock({ x: tf.pad(x as tf.Tensor, sides, LOWEST) }, valid))),
  forNumbers('MaxPoolGrad', 'input', (inputs, sides, valid, stock) => {
    const { dy, input, output } = inputs as Readonly<Record<'dy' | 'input' | 'output', tf.Tensor>>;
    return inside(stock({ dy, input: tf.pad(input, sides, LOWEST), output }, valid), sides, input.shape);
  }),
  forNumbers('AvgPool', 'x', (inputs, sides, valid, stock) => {
    const { x } = inputs as Readonly<Record<'x', tf.Tensor>>;
    return tf.div(tensorOf(stock({ x: tf.pad(x, sides) }, valid)), share(x.shape, sides, valid));
  }),
  forNumbers('AvgPoolGrad', 'input', (inputs, sides, valid, stock) => {
    const { dy, input } = inputs as Readonly<Record<'dy' | 'input', tf.Tensor>>;
    return inside(stock({ dy: tf.div(dy, share(input.shape, sides, valid)), input: tf.pad(input, sides) }, valid), sides, input.shape);
  }),
];
