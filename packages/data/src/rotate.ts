import { CodistillError, type View, defineView, say, uniform } from '@codistill/core/host';
import { type ImageAt, movePixels, perImage } from './per-image.ts';

/**
 * Options of {@link rotate}.
 *
 * @example
 * const options: RotateOptions = { degrees: 15 };
 */
export interface RotateOptions {
  /** Turn by an angle drawn evenly from ± this many degrees, bilinear, black outside; default 0. */
  readonly degrees?: number;
  /** First turn by a multiple of 90°, each as likely (of 180° where the image is not square); default false. */
  readonly quarterTurns?: boolean;
}

const byQuarters = (image: ImageAt, turns: number): void => {
  const { height, width } = image;
  movePixels(image, (y, x) => {
    if (turns === 1) return x * width + (width - 1 - y);
    if (turns === 2) return (height - 1 - y) * width + (width - 1 - x);
    return turns === 3 ? (height - 1 - x) * width + y : y * width + x;
  });
};

const byAngle = ({ from, to, height, width, channels }: ImageAt, radians: number): void => {
  const [sine, cosine] = [Math.sin(radians), Math.cos(radians)];
  const [middleY, middleX] = [(height - 1) / 2, (width - 1) / 2];
  for (let y = 0, target = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const row = middleY + (y - middleY) * cosine - (x - middleX) * sine;
      const column = middleX + (y - middleY) * sine + (x - middleX) * cosine;
      const [top, left] = [Math.floor(row), Math.floor(column)];
      for (let c = 0; c < channels; c++, target++) {
        let value = 0;
        for (const [i, j] of [[0, 0], [0, 1], [1, 0], [1, 1]] as const) {
          const [h, w] = [top + i, left + j];
          const share = (1 - Math.abs(row - h)) * (1 - Math.abs(column - w));
          if (share > 0 && h >= 0 && h < height && w >= 0 && w < width) value += share * (from[(h * width + w) * channels + c] as number);
        }
        to[target] = Math.min(1, value);
      }
    }
  }
};

/**
 * Turns each image about its middle.
 *
 * @param options - see {@link RotateOptions}
 * @throws CodistillError `VIEW_OPTION`
 * @example
 * const view = rotate({ quarterTurns: true });
 */
export const rotate = ({ degrees = 0, quarterTurns = false }: RotateOptions): View => {
  if (!(degrees >= 0 && degrees <= 180)) throw new CodistillError('VIEW_OPTION', say.loading.viewOption('rotate', 'degrees', 'from 0 to 180', degrees));
  return defineView({ package: '@codistill/data', name: 'rotate', options: { degrees, quarterTurns } }, (batch, key) =>
    perImage(batch, key, (image, own) => {
      const [turn = 0, angle = 0] = uniform(own, 2);
      const turns = image.height === image.width ? Math.floor(turn * 4) : 2 * Math.floor(turn * 2);
      byQuarters(image, quarterTurns ? turns : 0);
      if (degrees > 0) byAngle({ ...image, from: Float32Array.from(image.to) }, ((2 * angle - 1) * degrees * Math.PI) / 180);
    }),
  );
};
