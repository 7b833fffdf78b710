import { CodistillError, type View, defineView, say, uniform } from '@codistill/core/host';
import { type ImageAt, movePixels, perImage } from './per-image.ts';

/**
 * Options of {@link crop}.
 *
 * @example
 * const options: CropOptions = { padding: 4 };
 */
export interface CropOptions {
  /** Pixels added on every side before cropping; a positive integer. He et al. 2015 use 4 on 32 × 32. */
  readonly padding: number;
  /** What is added: black (`'zero'`, default) or the mirrored image. */
  readonly mode?: 'zero' | 'reflect';
}

const reflected = (at: number, length: number): number => {
  const period = Math.max(1, 2 * (length - 1));
  const inside = ((at % period) + period) % period;
  return inside < length ? inside : period - inside;
};

/** Writes the window that begins `down` and `right` of the image's first pixel. What lies outside stays 0. */
const copyWindow = ({ from, to, height, width, channels }: ImageAt, down: number, right: number): void => {
  const [first, last] = [Math.max(0, right), Math.min(width, width + right)];
  if (first >= last) return;
  for (let row = Math.max(0, down); row < Math.min(height, height + down); row++) {
    to.set(from.subarray((row * width + first) * channels, (row * width + last) * channels), ((row - down) * width + (first - right)) * channels);
  }
};

/**
 * Pads each image and crops a random window of its own size out of it.
 *
 * @param options - see {@link CropOptions}
 * @throws CodistillError `VIEW_OPTION`
 * @example
 * const view = crop({ padding: 4 });
 */
export const crop = ({ padding, mode = 'zero' }: CropOptions): View => {
  if (!Number.isSafeInteger(padding) || padding < 1) throw new CodistillError('VIEW_OPTION', say.loading.viewOption('crop', 'padding', 'a positive integer', padding));
  return defineView({ package: '@codistill/data', name: 'crop', options: { padding, mode } }, (batch, key) =>
    perImage(batch, key, (image, own) => {
      const { height, width } = image;
      const [down, right] = Array.from(uniform(own, 2), (u) => Math.floor(u * (2 * padding + 1)) - padding) as [number, number];
      if (mode === 'reflect') movePixels(image, (y, x) => reflected(y + down, height) * width + reflected(x + right, width));
      else copyWindow(image, down, right);
    }),
  );
};
