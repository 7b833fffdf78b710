import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { decodeImage } from './decode-image.ts';

const folder = mkdtempSync(join(tmpdir(), 'decode-image-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const at = (name: string): string => join(folder, name);
const rgb = { size: 4, channels: 3 } as const;
const grey = { size: 4, channels: 1 } as const;
const ORANGE = { r: 200, g: 100, b: 50 };

/** A file of one colour, as a source of others. */
const plain = (channels: 3 | 4, background: { r: number; g: number; b: number; alpha?: number } = ORANGE, side = 8): Sharp =>
  sharp({ create: { width: side, height: side, channels, background } });

/** Bytes that no encoder can predict, so that damage shows. */
const noise = (side: number): Sharp =>
  sharp(Uint8Array.from({ length: side * side * 3 }, (_, index) => (index * 7919 + ((index * index) % 251)) % 256), { raw: { width: side, height: side, channels: 3 } });

/** Every pixel is near the colour. */
const expectColour = (bytes: Uint8Array, colour: readonly number[], tolerance: number): void => {
  bytes.forEach((value, index) => {
    expect(Math.abs(value - (colour[index % colour.length] ?? NaN))).toBeLessThanOrEqual(tolerance);
  });
};

describe('every kind of file becomes size × size × channels bytes', () => {
  it('a colour JPEG', async () => {
    await plain(3).jpeg({ quality: 100 }).toFile(at('colour.jpg'));
    const bytes = await decodeImage(at('colour.jpg'), rgb);
    expect(bytes).toHaveLength(48);
    expectColour(bytes, [200, 100, 50], 3);
  });

  it('a colour file as grey', async () => {
    await plain(3).png().toFile(at('colour.png'));
    const bytes = await decodeImage(at('colour.png'), grey);
    expect(bytes).toHaveLength(16);
    expect(new Set(bytes).size).toBe(1);
    expect(bytes[0]).toBeGreaterThan(100);
    expect(bytes[0]).toBeLessThan(150);
  });

  it.each(['jpeg', 'png'] as const)('a grey %s, as colour and as grey', async (format) => {
    await sharp(new Uint8Array(64).fill(90), { raw: { width: 8, height: 8, channels: 1 } }).toColourspace('b-w').toFormat(format).toFile(at(`grey.${format}`));
    expect((await sharp(at(`grey.${format}`)).metadata()).channels).toBe(1);
    const colour = await decodeImage(at(`grey.${format}`), rgb);
    expect(colour).toHaveLength(48);
    expectColour(colour, [90, 90, 90], 1);
    const one = await decodeImage(at(`grey.${format}`), grey);
    expect(one).toHaveLength(16);
    expectColour(one, [90], 1);
  });

  it('transparency lies on black', async () => {
    await plain(4, { ...ORANGE, alpha: 0 }).png().toFile(at('clear.png'));
    expectColour(await decodeImage(at('clear.png'), rgb), [0, 0, 0], 0);
    await plain(4, { ...ORANGE, alpha: 0.5 }).png().toFile(at('half.png'));
    expectColour(await decodeImage(at('half.png'), rgb), [100, 50, 25], 2);
  });

  it('grey with transparency', async () => {
    await sharp(Uint8Array.from({ length: 128 }, (_, index) => (index % 2 === 0 ? 90 : 255)), { raw: { width: 8, height: 8, channels: 2 } }).toColourspace('b-w').png().toFile(at('grey-alpha.png'));
    expect((await sharp(at('grey-alpha.png')).metadata()).channels).toBe(2);
    expectColour(await decodeImage(at('grey-alpha.png'), rgb), [90, 90, 90], 1);
    expectColour(await decodeImage(at('grey-alpha.png'), grey), [90], 1);
  });

  it('16 bits per channel, colour and grey', async () => {
    await plain(3).toColourspace('rgb16').png().toFile(at('deep.png'));
    expect((await sharp(at('deep.png')).metadata()).depth).toBe('ushort');
    expectColour(await decodeImage(at('deep.png'), rgb), [200, 100, 50], 1);
    await sharp(new Uint8Array(64).fill(90), { raw: { width: 8, height: 8, channels: 1 } }).toColourspace('grey16').png().toFile(at('deep-grey.png'));
    expect(await sharp(at('deep-grey.png')).metadata()).toMatchObject({ depth: 'ushort', channels: 1 });
    expectColour(await decodeImage(at('deep-grey.png'), rgb), [90, 90, 90], 1);
    expectColour(await decodeImage(at('deep-grey.png'), grey), [90], 1);
  });

  it('CMYK', async () => {
    // A muted colour, which inks can print.
    await plain(3, { r: 150, g: 120, b: 100 }).toColourspace('cmyk').jpeg({ quality: 100 }).toFile(at('cmyk.jpg'));
    expect((await sharp(at('cmyk.jpg')).metadata()).space).toBe('cmyk');
    const bytes = await decodeImage(at('cmyk.jpg'), rgb);
    expect(bytes).toHaveLength(48);
    expectColour(bytes, [150, 120, 100], 10);
    expect(await decodeImage(at('cmyk.jpg'), grey)).toHaveLength(16);
  });

  it('an oblong file fills the square', async () => {
    await sharp({ create: { width: 20, height: 5, channels: 3, background: ORANGE } }).png().toFile(at('oblong.png'));
    expectColour(await decodeImage(at('oblong.png'), rgb), [200, 100, 50], 0);
  });
});

it('turns a file upright by its EXIF orientation', async () => {
  const halves = Uint8Array.from({ length: 16 * 16 }, (_, index) => (Math.floor(index / 16) < 8 ? 255 : 0));
  const top = sharp(halves, { raw: { width: 16, height: 16, channels: 1 } });
  await top.clone().jpeg({ quality: 100 }).toFile(at('upright.jpg'));
  await top.clone().withMetadata({ orientation: 3 }).jpeg({ quality: 100 }).toFile(at('upside-down.jpg'));
  const [upright, turned] = await Promise.all(['upright.jpg', 'upside-down.jpg'].map((name) => decodeImage(at(name), grey)));
  expect([upright?.[0], upright?.[15]]).toEqual([255, 0]);
  expect([turned?.[0], turned?.[15]]).toEqual([0, 255]);
});

describe('refuses with one sentence that names the file', () => {
  const refused = async (name: string): Promise<void> => {
    const error: unknown = await decodeImage(at(name), rgb).then(
      () => 'decoded',
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ name: 'CodistillError', code: 'FILE_UNREADABLE' });
    const { message } = error as Error;
    expect(message.startsWith(`the image '${at(name)}' cannot be read (`)).toBe(true);
    expect(message).not.toContain('\n');
  };

  it.each(['jpeg', 'png'] as const)('a %s cut at any of nine tenths', async (format) => {
    await noise(64).toFormat(format).toFile(at(`whole.${format}`));
    const whole = readFileSync(at(`whole.${format}`));
    for (let tenths = 1; tenths <= 9; tenths++) {
      writeFileSync(at(`cut-${tenths}.${format}`), whole.subarray(0, Math.floor((whole.length * tenths) / 10)));
      await refused(`cut-${tenths}.${format}`);
    }
  });

  it.each(['jpeg', 'png'] as const)('a %s with damage in its middle', async (format) => {
    await noise(64).toFormat(format).toFile(at(`sound.${format}`));
    const damaged = Uint8Array.from(readFileSync(at(`sound.${format}`)));
    damaged.fill(0xff, Math.floor(damaged.length / 2), Math.floor(damaged.length / 2) + 200);
    writeFileSync(at(`damaged.${format}`), damaged);
    await refused(`damaged.${format}`);
  });

  it('a single pixel', async () => {
    await plain(3, ORANGE, 1).png().toFile(at('pixel.png'));
    await refused('pixel.png');
    await expect(decodeImage(at('pixel.png'), rgb)).rejects.toThrow(/cannot be read \(it is a single pixel\): mend or delete it, or say onBad: 'skip'$/);
  });

  it('no image, an empty file, no file', async () => {
    writeFileSync(at('notes.jpg'), 'not an image');
    writeFileSync(at('empty.png'), '');
    await refused('notes.jpg');
    await refused('empty.png');
    await refused('absent.png');
  });
});
