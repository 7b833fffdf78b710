import { CodistillError, say } from '@codistill/core/host';

/**
 * To what every file is converted.
 *
 * @example
 * const form: ImageForm = { size: 64, channels: 3 };
 */
export interface ImageForm {
  /** Height and width in pixels; the aspect ratio is not kept. */
  readonly size: number;
  /** 3 for sRGB, 1 for grey. */
  readonly channels: 1 | 3;
}

/**
 * Decodes one JPEG or PNG file: turned upright by its EXIF orientation, transparency laid on black, 16-bit and CMYK converted,
 * resized to a square.
 *
 * @param path - of the file
 * @param form - size and channels
 * @returns bytes, row-major `[size, size, channels]`
 * @throws CodistillError `FILE_UNREADABLE` where it is damaged, truncated, empty, no image, or a single pixel
 * @example
 * const bytes = await decodeImage('tiles/tumour/1.jpeg', { size: 64, channels: 3 });
 */
export const decodeImage = async (path: string, { size, channels }: ImageForm): Promise<Uint8Array> => {
  // Loaded with the first image file: whatever reads none starts a quarter of a second sooner.
  const { default: sharp } = await import('sharp');
  try {
    const space = channels === 1 ? 'b-w' : 'srgb';
    // Decoded whole, then resized: a JPEG that is shrunk while it is decoded hides damage, which to its decoder is only a warning.
    const whole = await sharp(path, { failOn: 'warning' }).rotate().flatten({ background: 'black' }).toColourspace(space).removeAlpha().raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    const { width, height, channels: decoded } = whole.info;
    // What a failed export or a tracker leaves behind, never an example.
    if (width * height === 1) throw new Error('it is a single pixel');
    const resized = sharp(whole.data, { raw: { width, height, channels: decoded } }).resize(size, size, { fit: 'fill' }).toColourspace(space);
    const { data, info } = await resized.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    if (info.channels === channels) return data;
    // A grey file stays one channel wide whatever colour space is asked for.
    return channels === 3 ? Uint8Array.from({ length: size * size * 3 }, (_, at) => data[Math.floor(at / 3) * info.channels] ?? 0) : data.filter((_, at) => at % info.channels === 0);
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
    throw new CodistillError('FILE_UNREADABLE', say.loading.fileUnreadable(path, reason), { cause: error });
  }
};
