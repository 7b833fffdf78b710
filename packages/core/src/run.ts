import type { Graph } from './graph.ts';
import type { Batch } from './loader.ts';
import type { Listener } from './listener.ts';
import type { Evaluation, Metric } from './metric.ts';
import type { Spec } from './spec.ts';

/**
 * How to train. Everything that changes the result is here or in the spec.
 *
 * @example
 * const options: FitOptions = { epochs: 10, seed: 7 };
 */
export interface FitOptions {
  /** Passes over the training split. Leave out where the pipeline has stages: theirs are summed. */
  readonly epochs?: number;
  /** Root of all randomness; default 0. */
  readonly seed?: number;
  /** What is measured after each epoch; default: the engine's metrics for the task. */
  readonly metrics?: readonly Metric[];
  /** Evaluate on the validation split every so many epochs; default 1, 0 for never. */
  readonly evaluateEvery?: number;
  readonly listeners?: readonly Listener[];
  /** Where and how often to write checkpoints; default: none are written. */
  readonly checkpoints?: CheckpointOptions;
  /** Run operation by operation even where the backend can compile steps; default false. Results differ by rounding at most. */
  readonly eager?: boolean;
  /** Devices that the teacher and the students are dealt out to in turn, such as `['/GPU:0', '/GPU:1']`; only a compiled step is placed. */
  readonly devices?: readonly string[];
  /** Interrupts after the present step; a last checkpoint is written if checkpoints are. */
  readonly signal?: AbortSignal;
}

/**
 * Where checkpoints go.
 *
 * @example
 * const checkpoints: CheckpointOptions = { directory: 'runs/one', everySteps: 500, resume: true };
 */
export interface CheckpointOptions {
  readonly directory: string;
  /** Steps between two checkpoints; default: one epoch. */
  readonly everySteps?: number;
  /** How many to keep, the newest; default 2. */
  readonly keep?: number;
  /**
   * Go on from the newest valid checkpoint in `directory`, if there is one; default false: a directory that holds checkpoints is
   * refused. A run that a listener had stopped stays stopped: it ends at once, with the same reason.
   */
  readonly resume?: boolean;
}

/**
 * What training came to.
 *
 * @example
 * const stepsOf = (fitted: Fitted): number => fitted.steps;
 */
export interface Fitted<Nodes extends string = string> {
  readonly steps: number;
  readonly reason: 'finished' | 'stopped' | 'interrupted';
  /** Evaluation after the last epoch that had one. */
  readonly evaluation: Evaluation<Nodes> | undefined;
  /** Path of the newest checkpoint. */
  readonly checkpoint: string | undefined;
}

/**
 * What `run.export` wrote.
 *
 * @example
 * const pathOf = (exported: Exported): string => exported.nodes['teacher'] ?? '';
 */
export interface Exported {
  /** Folder of each node's `model.json` + `weights.bin`, as plain tfjs loads them. */
  readonly nodes: Readonly<Record<string, string>>;
  /** Folder of the ensemble's one LayersModel, where stock layers can say it. */
  readonly ensemble: string | undefined;
  /** The manifest: spec, class names, normalisation, how members are combined. */
  readonly manifest: string;
}

/**
 * A composed pipeline, checked and ready to train.
 *
 * @example
 * const train = async (run: Run<'teacher' | 'small'>): Promise<number | undefined> => {
 *   const { evaluation } = await run.fit({ epochs: 10, seed: 7 });
 *   return evaluation?.nodes.small.numbers['accuracy'];
 * };
 */
export interface Run<Nodes extends string = string> {
  readonly spec: Spec;
  /** Name of the backend that was chosen. */
  readonly backendName: string;
  /** The line that says which backend was chosen, and why. */
  readonly backend: string;
  /** Trains new networks from `seed`; those of an earlier `fit` are disposed. */
  fit(options?: FitOptions): Promise<Fitted<Nodes>>;
  /** Measures the trained networks on a split; default the test split. */
  evaluate(options?: { readonly split?: 'validation' | 'test'; readonly metrics?: readonly Metric[] }): Promise<Evaluation<Nodes>>;
  /** Class probabilities `[batch × classes]` of a node, or of `'ensemble'` (the default where there is one). */
  predict(batch: Batch, node?: Nodes | 'ensemble'): Promise<Float32Array>;
  /** Writes every trained node, and the ensemble, to a folder. */
  export(directory: string): Promise<Exported>;
  /** Frees the networks. */
  dispose(): void;
}

/**
 * What runs a composed graph: checks it on a dummy batch, reports every problem at once, and returns a run.
 *
 * @example
 * const open = (engine: Engine, graph: Graph): Promise<Run> => engine(graph);
 */
export type Engine = <Nodes extends string>(graph: Graph) => Promise<Run<Nodes>>;

