import type { Kernel } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { allocate, floatsOf } from './memory.ts';

interface ResizeAttributes {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

type Resize = (images: tf.Tensor4D, size: [number, number], alignCorners: boolean, halfPixelCenters: boolean) => tf.Tensor4D;

/** What one row (or column) of the result takes from one of the image. */
interface Share {
  readonly to: number;
  readonly from: number;
  readonly weight: number;
}

/** Resizing is linear and treats rows and columns alike, so what it does to the unit vectors, as channels of one column, is all. */
const sharesOf = (resize: Resize, length: number, resized: number, { alignCorners, halfPixelCenters }: ResizeAttributes): readonly Share[] => {
  const units = tf.reshape<tf.Rank.R4>(tf.eye(length), [1, length, 1, length]);
  const weights = floatsOf(resize(units, [resized, 1], alignCorners, halfPixelCenters));
  return Array.from(weights, (weight, index) => ({ to: Math.floor(index / length), from: index % length, weight })).filter(({ weight }) => weight !== 0);
};

const resizeGradient = (name: string, resize: Resize): Kernel => ({
  name,
  compute: (inputs, attributes: ResizeAttributes) => {
    const [dy, images] = [inputs['dy'] as tf.Tensor4D, inputs['images'] as tf.Tensor4D];
    const [batch, height, width, channels] = images.shape;
    const [, tall, wide] = dy.shape;
    const [rows, columns] = [sharesOf(resize, height, tall, attributes), sharesOf(resize, width, wide, attributes)];
    const output = allocate(images.shape);
    const [dx, gradient] = [floatsOf(output), floatsOf(dy)];
    dx.fill(0);
    for (let n = 0; n < batch; n++) {
      for (const row of rows) {
        for (const column of columns) {
          const weight = row.weight * column.weight;
          const to = ((n * height + row.from) * width + column.from) * channels;
          const from = ((n * tall + row.to) * wide + column.to) * channels;
          for (let c = 0; c < channels; c++) (dx[to + c] as number) += weight * (gradient[from + c] as number);
        }
      }
    }
    return output;
  },
});

/**
 * Gradients of resizing: the transpose of what the backend's own forward kernel does, whatever way it aligns and rounds. The stock
 * ones are wrong on cpu from the second image on (nearest), throw there where images are not square (bilinear), and on wasm
 * forget `halfPixelCenters`.
 *
 * @example
 * console.log(resizeGradients.map(({ name }) => name));
 */
export const resizeGradients: readonly Kernel[] = [
  resizeGradient('ResizeNearestNeighborGrad', tf.image.resizeNearestNeighbor),
  resizeGradient('ResizeBilinearGrad', tf.image.resizeBilinear),
];
