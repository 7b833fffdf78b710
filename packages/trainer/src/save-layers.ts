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

interface Topology {
  readonly config: {
    name: string;
    readonly layers: { name: string; readonly config: { name: string }; readonly inbound_nodes: [string, ...unknown[]][][] }[];
    readonly input_layers: [string, ...unknown[]][];
    readonly output_layers: [string, ...unknown[]][];
  };
}

/**
 * A copy of a functional model whose layers' names begin with a prefix, so that several copies fit into one model.
 *
 * @param layers - a functional `tf.LayersModel` of stock layers; not changed
 * @param prefix - put before every name, with `_`
 * @returns a model of its own weights, which the caller disposes
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * declare const model: tf.LayersModel;
 * const copy = await withPrefix(model, 'small');
 */
export const withPrefix = async (layers: tf.LayersModel, prefix: string): Promise<tf.LayersModel> => {
  const topology = JSON.parse(layers.toJSON(null, true) as string) as Topology;
  const renamed = (name: string): string => `${prefix}_${name}`;
  const { config } = topology;
  config.name = prefix;
  for (const layer of config.layers) {
    layer.name = renamed(layer.name);
    layer.config.name = renamed(layer.config.name);
    for (const node of layer.inbound_nodes) for (const inbound of node) inbound[0] = renamed(inbound[0]);
  }
  for (const end of [...config.input_layers, ...config.output_layers]) end[0] = renamed(end[0]);
  const copy = await tf.models.modelFromJSON(topology as unknown as Parameters<typeof tf.models.modelFromJSON>[0]);
  copy.setWeights(layers.getWeights());
  return copy;
};
