import { CodistillError, type View, defineView, say, uniform } from '@codistill/core/host';
import { movePixels, perImage } from './per-image.ts';

/**
 * Options of {@link cutout}.
 *
 * @example
 * const options: CutoutOptions = { size: 8 };
 */
export interface CutoutOptions {
  /** Side of the square in pixels, a positive integer. DeVries & Taylor use 16 (CIFAR-10) and 8 (CIFAR-100) on 32 × 32. */
  readonly size: number;
}

/**
 * Blackens a square at a random place of each image; it may reach over the border.
 * DeVries & Taylor 2017, arXiv:1708.04552.
 *
 * @param options - see {@link CutoutOptions}
 * @throws CodistillError `VIEW_OPTION`
 * @example
 * const view = cutout({ size: 8 });
 */
export const cutout = ({ size }: CutoutOptions): View => {
  if (!Number.isSafeInteger(size) || size < 1) throw new CodistillError('VIEW_OPTION', say.loading.viewOption('cutout', 'size', 'a positive integer', size));
  return defineView({ package: '@codistill/data', name: 'cutout', options: { size } }, (batch, key) =>
    perImage(batch, key, (image, own) => {
      const [u = 0, v = 0] = uniform(own, 2);
      const [top, left] = [Math.floor(u * image.height) - Math.floor(size / 2), Math.floor(v * image.width) - Math.floor(size / 2)];
      movePixels(image, (y, x) => (y >= top && y < top + size && x >= left && x < left + size ? -1 : y * image.width + x));
    }),
  );
};
