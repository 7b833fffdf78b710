import type { Normalisation } from '@codistill/core/host';
import type { ImageSet } from './image-set.ts';

/**
 * Mean and standard deviation per channel of unit-range pixels, accumulated in float64.
 *
 * @param set - the images
 * @param ids - which of them: those of the training split
 * @returns a channel that never varies gets the deviation 1
 * @example
 * declare const set: ImageSet;
 * const { mean } = channelStatistics(set, Int32Array.of(0, 1, 2));
 */
export const channelStatistics = (set: ImageSet, ids: Int32Array): Normalisation => {
  const [height, width, channels] = set.shape;
  const size = height * width * channels;
  const unit = set.pixels instanceof Uint8Array ? 1 / 255 : 1;
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (const id of ids) {
    for (let at = id * size, channel = 0; at < (id + 1) * size; at++, channel = channel + 1 === channels ? 0 : channel + 1) {
      const value = (set.pixels[at] as number) * unit;
      (sums[channel] as number) += value;
      (squares[channel] as number) += value * value;
    }
  }
  const count = ids.length * height * width;
  const mean = Array.from(sums, (sum) => sum / count);
  const std = Array.from(squares, (square, channel) => Math.sqrt(Math.max(0, square / count - (mean[channel] ?? 0) ** 2)) || 1);
  return { mean, std };
};
