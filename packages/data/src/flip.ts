import { type View, defineView, uniform } from '@codistill/core/host';
import { movePixels, perImage } from './per-image.ts';

/**
 * Options of {@link flip}.
 *
 * @example
 * const options: FlipOptions = { horizontal: true, vertical: true };
 */
export interface FlipOptions {
  /** Left and right; default true. */
  readonly horizontal?: boolean;
  /** Top and bottom; default false. */
  readonly vertical?: boolean;
}

/**
 * Mirrors each image, along each chosen axis with probability ½.
 *
 * @param options - see {@link FlipOptions}
 * @example
 * const view = flip({ vertical: true });
 */
export const flip = ({ horizontal = true, vertical = false }: FlipOptions = {}): View =>
  defineView({ package: '@codistill/data', name: 'flip', options: { horizontal, vertical } }, (batch, key) =>
    perImage(batch, key, (image, own) => {
      const [first = 1, second = 1] = uniform(own, 2);
      const [mirrorX, mirrorY] = [horizontal && first < 0.5, vertical && second < 0.5];
      const { height, width } = image;
      if (!mirrorX && !mirrorY) image.to.set(image.from);
      else movePixels(image, (y, x) => (mirrorY ? height - 1 - y : y) * width + (mirrorX ? width - 1 - x : x));
    }),
  );
