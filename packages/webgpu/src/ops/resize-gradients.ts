import type { Kernel } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

interface ResizeAttributes {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

type Resize = (images: tf.Tensor4D, size: [number, number], alignCorners: boolean, halfPixelCenters: boolean) => tf.Tensor4D;

/**
 * What the rows (or columns) of the result take from those of the image, `[resized, length]`. Resizing is linear and treats rows
 * and columns alike, so what it does to the unit vectors, as channels of one column, is all.
 */
const sharesOf = (resize: Resize, length: number, resized: number, { alignCorners, halfPixelCenters }: ResizeAttributes): tf.Tensor2D => {
  const units = tf.reshape<tf.Rank.R4>(tf.eye(length), [1, length, 1, length]);
  return tf.reshape(resize(units, [resized, 1], alignCorners, halfPixelCenters), [resized, length]);
};

const resizeGradient = (name: string, resize: Resize): Kernel => ({
  name,
  compute: (inputs, attributes: ResizeAttributes, stock) => {
    const { dy, images } = inputs as Readonly<Record<'dy' | 'images', tf.Tensor4D>>;
    if (!attributes.halfPixelCenters) return stock(inputs, attributes);
    const [batch, height, width, channels] = images.shape;
    const [, tall, wide] = dy.shape;
    // dx = Rᵀ dy C, for every image and channel
    const columns = tf.matMul(tf.reshape(tf.transpose(dy, [0, 1, 3, 2]), [-1, wide]), sharesOf(resize, width, wide, attributes));
    const rows = tf.reshape(tf.transpose(tf.reshape(columns, [batch, tall, channels, width]), [0, 2, 3, 1]), [-1, tall]);
    return tf.transpose(tf.reshape(tf.matMul(rows, sharesOf(resize, height, tall, attributes)), [batch, channels, width, height]), [0, 3, 2, 1]);
  },
});

/**
 * Gradients of resizing by half pixels, which the stock kernels take for resizing without: the transpose of what the backend's own
 * forward kernel does.
 *
 * @example
 * console.log(resizeGradients.map(({ name }) => name));
 */
export const resizeGradients: readonly Kernel[] = [
  resizeGradient('ResizeNearestNeighborGrad', tf.image.resizeNearestNeighbor),
  resizeGradient('ResizeBilinearGrad', tf.image.resizeBilinear),
];
