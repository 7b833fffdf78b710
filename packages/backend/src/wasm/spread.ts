import type * as tf from '@tensorflow/tfjs';
import { allocate, floatsOf, tensorOf } from '../memory.ts';

/**
 * Writes an image's pixels on a grid of another: `y[n, top + r·down, left + c·across] = x[n, r, c]`.
 * Pixels that fall outside are left out; what lies between them stays.
 *
 * @param output - `[batch, height, width, channels]`, written to, and so nobody else's yet
 * @param x - of the same batch and channels
 * @param origin - where the first pixel goes; may be negative
 * @param steps - rows down and columns across from one pixel to the next
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const output = allocate([1, 4, 4, 1]);
 * writePixels(output, tf.ones([1, 2, 2, 1]), [0, 0], [2, 2]);
 */
export const writePixels = (
  output: tf.TensorInfo,
  x: tf.Tensor4D,
  [top, left]: readonly [number, number],
  [down, across]: readonly [number, number],
): void => {
  const [batch, height, width, channels] = x.shape;
  const [, tall, wide] = output.shape as tf.Tensor4D['shape'];
  const [from, to] = [floatsOf(x), floatsOf(output)];
  const first = Math.max(0, Math.ceil(-left / across));
  const last = Math.min(width - 1, Math.floor((wide - 1 - left) / across));
  for (let n = 0; n < batch; n++) {
    for (let row = 0; row < height; row++) {
      const h = top + row * down;
      if (h < 0 || h >= tall || last < first) continue;
      let source = ((n * height + row) * width + first) * channels;
      let target = ((n * tall + h) * wide + left + first * across) * channels;
      if (across === 1) {
        to.set(from.subarray(source, source + (last - first + 1) * channels), target);
        continue;
      }
      for (let column = first; column <= last; column++, source += channels, target += across * channels) {
        for (let c = 0; c < channels; c++) to[target + c] = from[source + c] as number;
      }
    }
  }
};

/**
 * An image's pixels on a grid among zeros: the transpose of `sampled`.
 *
 * @param x - `[batch, height, width, channels]`
 * @param size - height and width of the result
 * @param origin - where the first pixel goes; may be negative
 * @param steps - rows down and columns across from one pixel to the next
 * @returns a new tensor
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const apart = spread(tf.ones([1, 2, 2, 1]), [4, 4], [0, 0], [2, 2]);
 */
export const spread = (x: tf.Tensor4D, size: readonly [number, number], origin: readonly [number, number], steps: readonly [number, number]): tf.Tensor4D => {
  const output = allocate([x.shape[0], ...size, x.shape[3]]);
  floatsOf(output).fill(0);
  writePixels(output, x, origin, steps);
  return tensorOf<tf.Rank.R4>(output);
};
