import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';

/**
 * Writes a `tf.LayersModel` as plain tfjs reads it: `model.json` and `weights.bin`.
 *
 * @param layers - the model; not changed
 * @param directory - made if it is not there
 * @throws the file system's error
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * declare const model: tf.LayersModel;
 * await saveLayers(model, 'exported/small');
 */
export const saveLayers = async (layers: tf.LayersModel, directory: string): Promise<void> => {
  mkdirSync(directory, { recursive: true });
  await layers.save(
    tf.io.withSaveHandler((artifacts) => {
      const { modelTopology, weightSpecs, weightData, format, generatedBy, convertedBy } = artifacts;
      const data = weightData === undefined ? new ArrayBuffer(0) : tf.io.CompositeArrayBuffer.join(weightData);
      writeFileSync(join(directory, 'weights.bin'), new Uint8Array(data));
      const manifest = [{ paths: ['weights.bin'], weights: weightSpecs ?? [] }];
      writeFileSync(join(directory, 'model.json'), JSON.stringify({ format, generatedBy, convertedBy, modelTopology, weightsManifest: manifest }));
      return Promise.resolve({ modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) });
    }),
  );
};

/** What a functional model, and with fewer fields a sequential one, says of itself; a wrapper holds one `layer`. */
interface Config {
  name: string;
  readonly layers?: readonly { name?: string; readonly config: Config; readonly inbound_nodes?: readonly (readonly [string, ...unknown[]][])[] }[];
  readonly layer?: { readonly config: Config };
  readonly input_layers?: readonly [string, ...unknown[]][];
  readonly output_layers?: readonly [string, ...unknown[]][];
}

/** Names within a model begin with that model's own: two models inside may call their layers alike. */
const rename = (config: Config, name: string): void => {
  config.name = name;
  const renamed = (inner: string): string => `${name}_${inner}`;
  for (const layer of config.layers ?? []) {
    if (layer.name !== undefined) layer.name = renamed(layer.name);
    rename(layer.config, renamed(layer.config.name));
    for (const node of layer.inbound_nodes ?? []) for (const inbound of node) inbound[0] = renamed(inbound[0]);
  }
  if (config.layer !== undefined) rename(config.layer.config, renamed(config.layer.config.name));
  for (const end of [...(config.input_layers ?? []), ...(config.output_layers ?? [])]) end[0] = renamed(end[0]);
};

/** Layer by layer: a model lists what learns before what is frozen, and a copy does not know what was frozen variable by variable. */
const copyWeights = (from: tf.layers.Layer, to: tf.layers.Layer): void => {
  const [inner, twins] = [from, to].map((layer) => (layer as Partial<Pick<tf.LayersModel, 'layers'>>).layers);
  if (inner === undefined) to.setWeights(from.getWeights());
  else inner.forEach((layer, index) => copyWeights(layer, twins?.[index] ?? to));
};

/**
 * A copy of a functional model whose layers' names begin with a prefix, those of models inside it too, so that several copies fit
 * into one model.
 *
 * @param layers - a functional `tf.LayersModel` of stock layers; not changed
 * @param prefix - name of the copy, and put before every other name, with `_`
 * @returns a model of its own weights, which the caller disposes
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * declare const model: tf.LayersModel;
 * const copy = await withPrefix(model, 'small');
 */
export const withPrefix = async (layers: tf.LayersModel, prefix: string): Promise<tf.LayersModel> => {
  const topology = JSON.parse(layers.toJSON(null, true) as string) as { readonly config: Config };
  rename(topology.config, prefix);
  const copy = await tf.models.modelFromJSON(topology as unknown as Parameters<typeof tf.models.modelFromJSON>[0]);
  copyWeights(layers, copy);
  return copy;
};
