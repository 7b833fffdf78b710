import { chooseBackend } from '@codistill/backend';
import { type BackendCandidate, CodistillError, type Engine, type Evaluation, type Graph, type LabelKind, type Metric, type Run, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { checkGraph } from './check.ts';
import { evaluate } from './evaluate.ts';
import { exportGraph } from './export-graph.ts';
import { type Outcome, fit } from './fit.ts';

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
  /** Backends that may run, the better ones first; default: those of `@codistill/backend`. */
  readonly candidates?: readonly BackendCandidate[];
  /** Run operation by operation even where the backend can compile steps; default false. `fit({ eager })` beats it. */
  readonly eager?: boolean;
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
export const trainer = ({ metrics = {}, backend: preferred, candidates, eager = false }: TrainerOptions = {}): Engine => {
  const open = async (graph: Graph): Promise<Run> => {
    const chosen = await chooseBackend({ ...(preferred === undefined ? {} : { prefer: preferred }), ...(candidates === undefined ? {} : { candidates }) });
    await checkGraph(graph);
    const { spec, data } = graph;
    const usual = metrics[spec.task.kind] ?? [];
    let outcome: Outcome | undefined;

    const trained = (verb: string): Outcome => {
      if (outcome === undefined) throw new CodistillError('UNTRAINED', say.train.untrained(verb));
      return outcome;
    };
    const dispose = (): void => {
      outcome?.live.dispose();
      void outcome?.execution.close();
      outcome = undefined;
    };
    const splitOf = (name: 'validation' | 'test'): NonNullable<Graph['data']['test']> => {
      const split = data[name];
      const existing = (['train', 'validation', 'test'] as const).filter((each) => data[each] !== undefined);
      if (split === undefined) throw new CodistillError('NO_SPLIT', say.train.noSplit(name, existing));
      return split;
    };

    return {
      spec,
      backendName: chosen.name,
      backend: chosen.line,
      fit: async (options = {}) => {
        dispose();
        outcome = await fit(graph, { eager, ...options }, usual, chosen.name, chosen.compile);
        const { live, execution, failure, ...fitted } = outcome;
        if (failure !== undefined) throw failure;
        return fitted;
      },
      evaluate: ({ split, metrics: named } = {}): Promise<Evaluation> => {
        const name = split ?? (data.test === undefined ? 'validation' : 'test');
        const { live, execution } = trained('evaluate');
        return evaluate(live, execution, name, splitOf(name), named ?? usual);
      },
      predict: async (batch, node = spec.ensemble === null ? (Object.keys(trained('predict').live.nodes)[0] ?? '') : 'ensemble') => {
        const readings = await trained('predict').execution.read(batch, ['logits']);
        const logits = readings[node]?.['logits'];
        if (logits === undefined) throw new CodistillError('NO_NODE', say.train.noNode(node, Object.keys(readings)));
        const probabilities = tf.tidy(() => tf.softmax(tf.tensor(logits.values, [...logits.shape])));
        const values = (await probabilities.data()) as Float32Array;
        probabilities.dispose();
        return values;
      },
      export: (directory) => exportGraph(trained('export').live, directory),
      dispose,
    };
  };
  return open;
};
