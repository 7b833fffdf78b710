import { type Batch, type Key, fold } from '@codistill/core/host';

/**
 * One image of a batch, and where its changed form goes.
 *
 * @example
 * const area = (image: ImageAt): number => image.height * image.width;
 */
export interface ImageAt {
  readonly from: Float32Array;
  readonly to: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * A batch whose images are changed one by one, each by a key of its own; labels stay.
 *
 * @param change - writes `image.to`, which begins black
 * @example
 * declare const batch: Batch;
 * const same = perImage(batch, [0, 7], (image) => image.to.set(image.from));
 */
export const perImage = (batch: Batch, key: Key, change: (image: ImageAt, own: Key) => void): Batch => {
  const [count = 0, height = 1, width = 1, channels = 1] = batch.input.shape;
  const size = height * width * channels;
  const values = new Float32Array(batch.input.values.length);
  for (let row = 0; row < count; row++) {
    const from = batch.input.values.subarray(row * size, (row + 1) * size);
    change({ from, to: values.subarray(row * size, (row + 1) * size), height, width, channels }, fold(key, row));
  }
  return { ...batch, input: { shape: batch.input.shape, values } };
};

/**
 * Writes an image whose pixel (y, x) is the source's pixel at `at(y, x)`: an index of a pixel, or −1 for black.
 *
 * @example
 * declare const image: ImageAt;
 * movePixels(image, (y, x) => y * image.width + (image.width - 1 - x));
 */
export const movePixels = ({ from, to, height, width, channels }: ImageAt, at: (y: number, x: number) => number): void => {
  for (let y = 0, target = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const source = at(y, x);
      for (let c = 0; c < channels; c++) to[target++] = source < 0 ? 0 : (from[source * channels + c] as number);
    }
  }
};
