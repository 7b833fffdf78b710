import { CodistillError, type View, defineView, say, uniform } from '@codistill/core/host';
import { movePixels, perImage } from './per-image.ts';

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
      movePixels(image, (y, x) => {
        const [row, column] = [y + down, x + right];
        if (mode === 'reflect') return reflected(row, height) * width + reflected(column, width);
        return row < 0 || row >= height || column < 0 || column >= width ? -1 : row * width + column;
      });
    }),
  );
};
