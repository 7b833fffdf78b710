import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodistillError, type Exported, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import type { LiveGraph } from './live-graph.ts';
import { saveLayers, withPrefix } from './save-layers.ts';

/** One model from the members' input to the ensemble's probabilities, where stock layers can say it. */
const ensembleLayers = async (live: LiveGraph): Promise<tf.LayersModel | undefined> => {
  const { ensembler, spec, data } = live.graph;
  const members = spec.ensemble?.of.map((name) => live.nodes[name]) ?? [];
  if (ensembler?.layers === undefined || members.some((node) => node?.affine !== null)) return undefined;
  const input = tf.input({ shape: [...data.input], name: 'input' });
  const outputs: tf.SymbolicTensor[] = [];
  for (const node of members) {
    if (node === undefined) return undefined;
    const copy = await withPrefix(node.network.layers, node.name.replaceAll(/[^A-Za-z0-9]/g, '_'));
    const output = copy.apply(input) as tf.SymbolicTensor | tf.SymbolicTensor[];
    outputs.push(Array.isArray(output) ? (output[0] as tf.SymbolicTensor) : output);
  }
  return tf.model({ inputs: input, outputs: ensembler.layers(outputs), name: 'ensemble' });
};

/**
 * Writes a trained graph: `nodes/<name>/` and `ensemble/` as ordinary LayersModels, and `codistill.json`, the manifest with the
 * spec, the class names, the normalisation each node expects and the members of the ensemble.
 *
 * @param live - the trained graph
 * @param directory - made if it is not there
 * @throws CodistillError `EXPORT_UNWRITABLE`
 * @example
 * declare const live: LiveGraph;
 * const { nodes } = await exportGraph(live, 'exported');
 */
export const exportGraph = async (live: LiveGraph, directory: string): Promise<Exported> => {
  const { spec, data, models } = live.graph;
  const manifest = join(directory, 'codistill.json');
  const nodes = Object.fromEntries(Object.keys(live.nodes).map((name) => [name, join(directory, 'nodes', encodeURIComponent(name))]));
  const ensemble = await ensembleLayers(live);
  const folder = ensemble && join(directory, 'ensemble');
  try {
    mkdirSync(directory, { recursive: true });
    for (const { name, network } of Object.values(live.nodes)) await saveLayers(network.layers, nodes[name] ?? directory);
    if (ensemble !== undefined && folder !== undefined) await saveLayers(ensemble, folder);
    writeFileSync(
      manifest,
      JSON.stringify(
        {
          format: 'codistill/export/1',
          classNames: spec.task.classNames,
          input: spec.input,
          normalisation: Object.fromEntries(Object.keys(nodes).map((name) => [name, models[name]?.normalisation ?? data.normalisation])),
          nodes: Object.fromEntries(Object.keys(nodes).map((name) => [name, `nodes/${encodeURIComponent(name)}/model.json`])),
          ensemble: spec.ensemble && { ...spec.ensemble, model: folder === undefined ? null : 'ensemble/model.json' },
          spec,
        },
        null,
        2,
      ),
    );
  } catch (error) {
    throw new CodistillError('EXPORT_UNWRITABLE', say.train.exportUnwritable(directory, (error as Error).message), { cause: error });
  } finally {
    ensemble?.dispose();
  }
  return { nodes, ensemble: folder, manifest };
};
