import { chooseBackend } from '@codistill/backend';
import { CodistillError, type Engine, type Evaluation, type Graph, type LabelKind, type Metric, type Run, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { checkGraph } from './check.ts';
import { evaluate, readAll } from './evaluate.ts';
import { exportGraph } from './export-graph.ts';
import { fit } from './fit.ts';
import type { LiveGraph } from './live-graph.ts';

/**
 * How an engine is set up.
 *
 * @example
 * const options: TrainerOptions = { backend: 'wasm' };
 */
export interface TrainerOptions {
  /** What is measured where `fit` and `evaluate` name no metrics, by label kind; default nothing. */
  readonly metrics?: Readonly<Partial<Record<LabelKind, readonly Metric[]>>>;
  /** Backend to prefer; default: the best the machine has, or `CODISTILL_BACKEND`. */
  readonly backend?: string;
}



/**
 * The engine: runs any graph, and asks no part which part it is.
 *
 * @param options - default metrics and backend
 * @returns what `createPipeline` needs to build a run
 * @throws CodistillError when a graph is opened: `COMPOSITION` with every problem found on a dummy batch, or what the backend says
 * @example
 * const engine = trainer({ backend: 'wasm' });
 */
export const trainer = ({ metrics = {}, backend: preferred }: TrainerOptions = {}): Engine => {
  const open = async (graph: Graph): Promise<Run> => {
    const chosen = await chooseBackend(preferred === undefined ? {} : { prefer: preferred });
    await checkGraph(graph);
    const { spec, data } = graph;
    const usual = metrics[spec.task.kind] ?? [];
    let live: LiveGraph | undefined;

    const trained = (verb: string): LiveGraph => {
      if (live === undefined) throw new CodistillError('UNTRAINED', say.train.untrained(verb));
      return live;
    };
    const splitOf = (name: 'validation' | 'test'): NonNullable<Graph['data']['test']> => {
      const split = data[name];
      const existing = (['train', 'validation', 'test'] as const).filter((each) => data[each] !== undefined);
      if (split === undefined) throw new CodistillError('NO_SPLIT', say.train.noSplit(name, existing));
      return split;
    };

    return {
      spec,
      backend: chosen.line,
      fit: async (options = {}) => {
        live?.dispose();
        live = undefined;
        const { live: made, ...fitted } = await fit(graph, options, usual, chosen.name);
        live = made;
        return fitted;
      },
      evaluate: ({ split, metrics: named } = {}): Promise<Evaluation> => {
        const name = split ?? (data.test === undefined ? 'validation' : 'test');
        return evaluate(trained('evaluate'), name, splitOf(name), named ?? usual);
      },
      predict: async (batch, node = spec.ensemble === null ? (Object.keys(trained('predict').nodes)[0] ?? '') : 'ensemble') => {
        const readings = await readAll(trained('predict'), batch, ['logits']);
        const logits = readings[node]?.['logits'];
        if (logits === undefined) throw new CodistillError('NO_NODE', say.train.noNode(node, Object.keys(readings)));
        const probabilities = tf.tidy(() => tf.softmax(tf.tensor(logits.values, [...logits.shape])));
        const values = (await probabilities.data()) as Float32Array;
        probabilities.dispose();
        return values;
      },
      export: (directory) => exportGraph(trained('export'), directory),
      dispose: () => {
        live?.dispose();
        live = undefined;
      },
    };
  };
  return open;
};
