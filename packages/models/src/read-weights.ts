import { CodistillError, type HostArray, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import type { Weights } from './weights.ts';

/** What `model.json` says of the files beside it. */
interface Saved {
  readonly weightsManifest?: readonly { readonly paths: readonly string[]; readonly weights: tf.io.WeightsManifestEntry[] }[];
}

const decoded = async (data: ArrayBuffer, specs: tf.io.WeightsManifestEntry[]): Promise<readonly (readonly [string, HostArray])[]> => {
  const tensors = Object.entries(tf.io.decodeWeights(data, specs));
  try {
    return await Promise.all(tensors.map(async ([name, tensor]) => [name, { shape: tensor.shape, values: Float32Array.from(await tensor.data()) }] as const));
  } finally {
    for (const [, tensor] of tensors) tensor.dispose();
  }
};

/**
 * Reads the weights of a saved `tf.LayersModel` from a folder: one of those that `run.export` writes below `nodes/`, or any with
 * a `model.json` and the files it names. The layers that are described there are not built.
 *
 * @param folder - with `model.json` in it
 * @returns the values by variable, for {@link pretrained}; floats of less precision are widened
 * @throws CodistillError `WEIGHTS_UNREADABLE`
 * @example
 * const teacher = pretrained(resnet({ depth: 20 }), await readWeights('exported/nodes/teacher'));
 */
export const readWeights = async (folder: string): Promise<Weights> => {
  // Only here, so that a browser can load the package.
  const [{ readFile }, { join }] = await Promise.all([import('node:fs/promises'), import('node:path')]);
  try {
    const { weightsManifest } = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')) as Saved;
    if (weightsManifest === undefined) throw new Error('its model.json names no weights');
    const weights: Record<string, HostArray> = {};
    for (const { paths, weights: specs } of weightsManifest) {
      const shards = await Promise.all(paths.map((path) => readFile(join(folder, path))));
      const bytes = new Uint8Array(shards.reduce((sum, { length }) => sum + length, 0));
      let at = 0;
      for (const shard of shards) {
        bytes.set(shard, at);
        at += shard.length;
      }
      Object.assign(weights, Object.fromEntries(await decoded(bytes.buffer, specs)));
    }
    return weights;
  } catch (error) {
    throw new CodistillError('WEIGHTS_UNREADABLE', say.models.weightsUnreadable(folder, (error as Error).message), { cause: error });
  }
};
