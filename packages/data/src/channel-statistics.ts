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
  const { pixels } = set;
  const [height, width, channels] = set.shape;
  const unit = pixels instanceof Uint8Array ? 1 / 255 : 1;
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (const id of ids) {
    for (let row = id * height; row < (id + 1) * height; row++) {
      for (let channel = 0; channel < channels; channel++) {
        // Of a row at a time: bytes are added up as integers, exactly and more than twice as fast.
        let sum = 0;
        let square = 0;
        for (let at = row * width * channels + channel; at < (row + 1) * width * channels; at += channels) {
          const value = pixels[at] as number;
          sum += value;
          square += value * value;
        }
        (sums[channel] as number) += sum;
        (squares[channel] as number) += square;
      }
    }
  }
  const count = ids.length * height * width;
  const mean = Array.from(sums, (sum) => (sum * unit) / count);
  const std = Array.from(squares, (square, channel) => Math.sqrt(Math.max(0, (square * unit * unit) / count - (mean[channel] ?? 0) ** 2)) || 1);
  return { mean, std };
};
