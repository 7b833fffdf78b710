import { CodistillError, type View, defineView, say, uniform } from '@codistill/core/host';
import { perImage } from './per-image.ts';

/**
 * Options of {@link colour}: each factor is drawn evenly from `1 ± x`.
 *
 * @example
 * const options: ColourOptions = { brightness: 0.2, contrast: 0.2, saturation: 0.2 };
 */
export interface ColourOptions {
  /** Default 0. */
  readonly brightness?: number;
  /** About the image's mean; default 0. */
  readonly contrast?: number;
  /** About each pixel's grey; default 0; images of one channel have none. */
  readonly saturation?: number;
}

/** Weights of red, green and blue in grey, ITU-R BT.601. */
const GREY = [0.299, 0.587, 0.114] as const;

/**
 * Changes brightness, contrast and saturation of each image, in this order, and keeps it in [0, 1].
 *
 * @param options - see {@link ColourOptions}
 * @throws CodistillError `VIEW_OPTION`
 * @example
 * const view = colour({ brightness: 0.2, contrast: 0.2 });
 */
export const colour = ({ brightness = 0, contrast = 0, saturation = 0 }: ColourOptions): View => {
  for (const [name, value] of Object.entries({ brightness, contrast, saturation })) {
    if (!(value >= 0 && value <= 1)) throw new CodistillError('VIEW_OPTION', say.loading.viewOption('colour', name, 'from 0 to 1', value));
  }
  return defineView({ package: '@codistill/data', name: 'colour', options: { brightness, contrast, saturation } }, (batch, key) =>
    perImage(batch, key, ({ from, to, channels }, own) => {
      const [u = 0, v = 0, w = 0] = uniform(own, 3);
      const [bright, strong, rich] = [1 + (2 * u - 1) * brightness, 1 + (2 * v - 1) * contrast, 1 + (2 * w - 1) * saturation];
      const mean = (bright * from.reduce((sum, value) => sum + value, 0)) / from.length;
      for (let at = 0; at < to.length; at++) to[at] = mean + strong * (bright * (from[at] as number) - mean);
      for (let at = 0; at < to.length; at += channels) {
        const grey = channels === 3 ? GREY[0] * (to[at] as number) + GREY[1] * (to[at + 1] as number) + GREY[2] * (to[at + 2] as number) : 0;
        for (let c = at; c < at + channels; c++) {
          const value = channels === 3 ? grey + rich * ((to[c] as number) - grey) : (to[c] as number);
          to[c] = Math.min(1, Math.max(0, value));
        }
      }
    }),
  );
};
