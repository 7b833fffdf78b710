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
      let sum = 0;
      for (let at = 0; at < to.length; at++) sum += from[at] as number;
      const mean = (bright * sum) / from.length;
      // Rounded, as an image between two views would be.
      const contrasted = (value: number): number => Math.fround(mean + strong * (bright * value - mean));
      const inRange = (value: number): number => (value < 0 ? 0 : value > 1 ? 1 : value);
      if (channels !== 3) {
        for (let at = 0; at < to.length; at++) to[at] = inRange(contrasted(from[at] as number));
        return;
      }
      for (let at = 0; at < to.length; at += 3) {
        const red = contrasted(from[at] as number);
        const green = contrasted(from[at + 1] as number);
        const blue = contrasted(from[at + 2] as number);
        const grey = GREY[0] * red + GREY[1] * green + GREY[2] * blue;
        to[at] = inRange(grey + rich * (red - grey));
        to[at + 1] = inRange(grey + rich * (green - grey));
        to[at + 2] = inRange(grey + rich * (blue - grey));
      }
    }),
  );
};
