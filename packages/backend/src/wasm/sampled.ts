import type * as tf from '@tensorflow/tfjs';
import { allocate, floatsOf, tensorOf } from '../memory.ts';

/**
 * A grid of an image's pixels, zero where it lies outside: `y[n, r, c] = x[n, top + r·down, left + c·across]`.
 * With steps of 1 it pads and crops, with larger ones it is what one element of a strided filter sees.
 *
 * @param x - `[batch, height, width, channels]`
 * @param size - height and width of the result
 * @param origin - row and column of the first pixel; may be negative
 * @param steps - rows down and columns across from one pixel to the next
 * @returns x itself where that is the result, or a new tensor
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const padded = sampled(tf.ones([1, 4, 4, 1]), [6, 6], [-1, -1], [1, 1]);
 */
export const sampled = (
  x: tf.Tensor4D,
  [height, width]: readonly [number, number],
  [top, left]: readonly [number, number],
  [down, across]: readonly [number, number],
): tf.Tensor4D => {
  const [batch, tall, wide, channels] = x.shape;
  if (height === tall && width === wide && top === 0 && left === 0 && down === 1 && across === 1) return x;
  const output = allocate([batch, height, width, channels]);
  const [from, to] = [floatsOf(x), floatsOf(output)];
  // The columns whose pixels lie inside.
  const first = Math.max(0, Math.ceil(-left / across));
  const last = Math.min(width - 1, Math.floor((wide - 1 - left) / across));
  if (top < 0 || top + (height - 1) * down >= tall || first > 0 || last < width - 1) to.fill(0);
  for (let n = 0; n < batch; n++) {
    for (let row = 0; row < height; row++) {
      const h = top + row * down;
      if (h < 0 || h >= tall || last < first) continue;
      let source = ((n * tall + h) * wide + left + first * across) * channels;
      let target = ((n * height + row) * width + first) * channels;
      if (across === 1) {
        to.set(from.subarray(source, source + (last - first + 1) * channels), target);
        continue;
      }
      for (let column = first; column <= last; column++, source += across * channels, target += channels) {
        for (let c = 0; c < channels; c++) to[target + c] = from[source + c] as number;
      }
    }
  }
  return tensorOf<tf.Rank.R4>(output);
};
