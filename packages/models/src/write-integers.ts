import { CodistillError, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import type { IntegerNetwork } from './to-integers.ts';

/**
 * Puts integers side by side at their width, two's complement, the lowest bit first.
 *
 * @param integers - within the width
 * @param bits - 2 to 8
 * @example
 * packed(Int8Array.of(1, -1, 0, 1), 2); // Uint8Array [0b01_00_11_01]
 */
export const packed = (integers: Int8Array, bits: number): Uint8Array => {
  const bytes = new Uint8Array(Math.ceil((integers.length * bits) / 8));
  integers.forEach((integer, index) => {
    const word = integer & (2 ** bits - 1);
    const at = index * bits;
    const byte = at >> 3;
    bytes[byte] = (bytes[byte] ?? 0) | (word << (at & 7));
    if ((at & 7) + bits > 8) bytes[byte + 1] = word >> (8 - (at & 7));
  });
  return bytes;
};

/**
 * What {@link packed} put together.
 *
 * @param bytes - of `packed`
 * @param count - how many integers
 * @example
 * unpacked(Uint8Array.of(0b01_00_11_01), 2, 4); // Int8Array [1, -1, 0, 1]
 */
export const unpacked = (bytes: Uint8Array, bits: number, count: number): Int8Array =>
  Int8Array.from({ length: count }, (_, index) => {
    const at = index * bits;
    const pair = (bytes[at >> 3] ?? 0) | ((bytes[(at >> 3) + 1] ?? 0) << 8);
    // The sign moves to the top, and is spread on the way back.
    return ((pair >> (at & 7)) << (32 - bits)) >> (32 - bits);
  });

/**
 * Writes a deployed network: `model.json` and `weights.bin` as plain tfjs loads them, and the integers for engines that compute with
 * them: `integers.bin`, kernel after kernel, each packed at its width, and `integers.json` with their names, shapes, widths and scales.
 *
 * @param network - of `toIntegers`
 * @param folder - made if it is not there
 * @throws CodistillError `WEIGHTS_UNWRITABLE`
 * @example
 * declare const network: IntegerNetwork;
 * await writeIntegers(network, 'exported/integers/small');
 */
export const writeIntegers = async ({ kernels, bytes, layers }: IntegerNetwork, folder: string): Promise<void> => {
  // Only here, so that a browser can load the package.
  const [{ mkdir, writeFile }, { join }] = await Promise.all([import('node:fs/promises'), import('node:path')]);
  try {
    await mkdir(folder, { recursive: true });
    const parts = Object.values(kernels).map(({ integers, bits }) => packed(integers, bits));
    let offset = 0;
    const entries = Object.entries(kernels).map(([name, { bits, shape, scales, scaleShape }], index) => {
      const at = offset;
      offset += parts[index]?.length ?? 0;
      return [name, { offset: at, bits, shape, scaleShape, scales: [...scales] }];
    });
    await writeFile(join(folder, 'integers.bin'), Buffer.concat(parts));
    await writeFile(join(folder, 'integers.json'), JSON.stringify({ format: 'codistill/integers/1', bytes, kernels: Object.fromEntries(entries) as object }, null, 2));
    await layers.save(
      tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData, format, generatedBy, convertedBy, ...rest }) => {
        await writeFile(join(folder, 'weights.bin'), new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData)));
        const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs ?? [] }];
        await writeFile(join(folder, 'model.json'), JSON.stringify({ format, generatedBy, convertedBy, modelTopology, weightsManifest }));
        return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON({ modelTopology: modelTopology as object, ...rest }) };
      }),
    );
  } catch (error) {
    throw new CodistillError('WEIGHTS_UNWRITABLE', say.models.weightsUnwritable(folder, (error as Error).message), { cause: error });
  }
};
