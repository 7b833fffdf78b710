import * as tf from '@tensorflow/tfjs';

/** `[from, to]`: how much of each old position is in each new one. */
const averaging = (from: number, to: number): readonly (readonly number[])[] =>
  Array.from({ length: from }, (_, old) =>
    Array.from({ length: to }, (_, cell) => {
      const [start, end] = [Math.floor((cell * from) / to), Math.ceil(((cell + 1) * from) / to)];
      return old >= start && old < end ? 1 / (end - start) : 0;
    }),
  );

const picking = (from: number, to: number): readonly (readonly number[])[] =>
  Array.from({ length: from }, (_, old) => Array.from({ length: to }, (_, cell) => (Math.floor((cell * from) / to) === old ? 1 : 0)));

/** A linear map along one axis. */
const along = (x: tf.Tensor4D, axis: 1 | 2, weights: readonly (readonly number[])[]): tf.Tensor4D => {
  const matrix = tf.tensor2d(weights.map((row) => [...row]));
  const order = axis === 1 ? [0, 2, 3, 1] : [0, 1, 3, 2];
  const back = axis === 1 ? [0, 3, 1, 2] : [0, 1, 3, 2];
  const last = x.transpose<tf.Tensor4D>(order);
  return last.reshape([-1, matrix.shape[0]]).matMul(matrix).reshape([...last.shape.slice(0, 3), matrix.shape[1]] as [number, number, number, number]).transpose(back);
};

/**
 * Adaptive average pooling: cell i of n covers positions `⌊i·h/n⌋` to `⌈(i+1)·h/n⌉`, as in PyTorch. Linear along each axis, and computed as
 * such, so that any sizes go and the gradient is a matrix product.
 *
 * @param map - `[batch, height, width, channels]`
 * @param height - of the result
 * @param width - of the result
 * @returns `[batch, height, width, channels]`; the caller disposes it, unless it is the map itself, where sizes agree
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * averagePooled(tf.ones([2, 7, 7, 3]), 4, 4).shape; // [2, 4, 4, 3]
 */
export const averagePooled = (map: tf.Tensor4D, height: number, width: number): tf.Tensor4D => {
  const rows = map.shape[1] === height ? map : along(map, 1, averaging(map.shape[1], height));
  return map.shape[2] === width ? rows : along(rows, 2, averaging(map.shape[2], width));
};

/**
 * Nearest-neighbour resizing: position i of n takes `⌊i·h/n⌋`, as in PyTorch.
 *
 * @param map - `[batch, height, width, channels]`
 * @param height - of the result
 * @param width - of the result
 * @returns `[batch, height, width, channels]`; the caller disposes it, unless it is the map itself, where sizes agree
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * nearest(tf.ones([2, 4, 4, 3]), 8, 8).shape; // [2, 8, 8, 3]
 */
export const nearest = (map: tf.Tensor4D, height: number, width: number): tf.Tensor4D => {
  const rows = map.shape[1] === height ? map : along(map, 1, picking(map.shape[1], height));
  return map.shape[2] === width ? rows : along(rows, 2, picking(map.shape[2], width));
};

/**
 * Two maps at the smaller of their sizes.
 *
 * @returns the maps, average-pooled where they were larger
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * atSmallerSize(tf.ones([2, 8, 8, 3]), tf.ones([2, 4, 4, 5])).map(({ shape }) => shape); // [[2, 4, 4, 3], [2, 4, 4, 5]]
 */
export const atSmallerSize = (a: tf.Tensor4D, b: tf.Tensor4D): readonly [tf.Tensor4D, tf.Tensor4D] => {
  const [height, width] = [Math.min(a.shape[1], b.shape[1]), Math.min(a.shape[2], b.shape[2])];
  return [averagePooled(a, height, width), averagePooled(b, height, width)];
};
