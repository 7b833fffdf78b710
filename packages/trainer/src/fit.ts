import { createHash } from 'node:crypto';
import {
  type Batch,
  CodistillError,
  type Evaluation,
  type Feed,
  type FitOptions,
  type Graph,
  type Key,
  type Metric,
  type Named,
  type StepCompiler,
  type TrainingEvent,
  fold,
  key,
  say,
} from '@codistill/core';
import { openStore } from './checkpoint-store.ts';
import { EdgeFailure } from './edge-failure.ts';
import { evaluate } from './evaluate.ts';
import { type Execution, execute } from './execution.ts';
import { type LiveGraph, buildGraph } from './live-graph.ts';
import { scalarInputs } from './scalar-inputs.ts';
import { PartFailure, namingAsync } from './part-failure.ts';
import { resume, snapshot } from './resume.ts';
import { movesWeights, startStage } from './stage-start.ts';
import { lossesOf, refuseNotFinite } from './step-losses.ts';
import { timetable } from './timetable.ts';
import { toFeeds, viewFeeds } from './view-feeds.ts';

/**
 * What `fit` leaves behind: the trained graph and how it ended.
 *
 * @example
 * const stepsOf = (outcome: Outcome): number => outcome.steps;
 */
export interface Outcome {
  readonly live: LiveGraph;
  /** What ran it; its variables are in `live`. */
  readonly execution: Execution;
  readonly steps: number;
  readonly reason: 'finished' | 'stopped' | 'interrupted';
  readonly evaluation: Evaluation | undefined;
  readonly checkpoint: string | undefined;
  /** `LAST_CHECKPOINT`: the last checkpoint could not be written. */
  readonly failure: CodistillError | undefined;
}

const hashOf = (graph: Graph): string => createHash('sha256').update(JSON.stringify(graph.spec)).digest('hex').slice(0, 16);

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Fresh dropout keys, one per network and step, derived on the host and fed to the step. */
const stepKeys = (live: LiveGraph, root: Key, step: number): Named<Feed> =>
  Object.fromEntries(
    [...Object.keys(live.nodes), ...Object.keys(live.derived).filter((name) => live.graph.derived[name]?.draws === true)].map((name) => {
      const [high, low] = fold(root, 'step', name, step);
      return [`key/${name}`, { dtype: 'int32', shape: [2], values: Int32Array.of(high, low) }];
    }),
  );

/**
 * Trains a graph from a seed, or from the newest valid checkpoint.
 *
 * @param graph - checked by `checkGraph`
 * @param options - see `FitOptions`
 * @param metrics - used where the options name none
 * @param backend - recorded in checkpoints: bits are promised per backend
 * @param compiler - what the backend offers, unless `options.eager`
 * @returns the trained graph and what ran it; the caller closes and disposes them
 * @throws CodistillError `NOT_FINITE`, `SCALAR_NOT_FINITE`, `TERM_THREW`, `PART_THREW`, `DIRECTORY_TAKEN`, `DIRECTORY_UNWRITABLE`, `CHECKPOINT_FOREIGN`, `NONE_VALID`,
 *   `SEED`, `EPOCHS`, `EPOCHS_MISSING`, `EPOCHS_AND_STAGES`
 * @example
 * declare const graph: Graph;
 * const { live, evaluation } = await fit(graph, { epochs: 2, seed: 7 }, [], 'wasm');
 */
export const fit = async (graph: Graph, options: FitOptions, metrics: readonly Metric[], backend: string, compiler?: StepCompiler): Promise<Outcome> => {
  const { seed = 0, listeners = [], evaluateEvery = 1, checkpoints, signal, eager = false, devices = [] } = options;
  if (!Number.isSafeInteger(seed) || seed < 0) throw new CodistillError('SEED', say.train.seed(seed));
  const loader = graph.data.train;
  const times = timetable(graph.spec, options.epochs, loader.batches);
  const measures = options.metrics ?? metrics;
  const root = key(seed);
  const dataKey = fold(root, 'data');
  const store = checkpoints && openStore(checkpoints.directory, checkpoints.keep ?? 2);
  const taken = store?.paths().at(-1);
  if (checkpoints !== undefined && taken !== undefined && checkpoints.resume !== true) {
    throw new CodistillError('DIRECTORY_TAKEN', say.train.directoryTaken(checkpoints.directory, taken));
  }

  let stopped: string | undefined;
  const emit = async (event: TrainingEvent): Promise<void> => {
    for (const listener of listeners) await namingAsync(`the listener '${listener.name}'`, () => listener.on(event, { stop: (why) => (stopped ??= why) }));
  };
  const notice = (code: string, sentence: string): Promise<void> => emit({ type: 'notice', code, sentence });

  const identity = { seed, epochs: times.epochs, backend, specHash: hashOf(graph) };
  const live = buildGraph(graph, root);
  const feeds = viewFeeds(graph);
  const inputs = scalarInputs(graph);
  let execution: Execution | undefined;
  let step = 0;
  let newest: string | undefined;
  try {
    const resumed = store && (await resume(store, live, identity, listeners, notice));
    step = resumed?.step ?? 0;
    newest = resumed?.path;
    let newestStopped = resumed?.stopped;
    stopped ??= newestStopped;
    let unwritten: { readonly path: string; readonly reason: string } | undefined;
    let evaluation: Evaluation | undefined;

    const running = (execution = await execute(live, feeds, inputs, { compiler: eager ? undefined : compiler, devices, notice }));

    const save = async (): Promise<void> => {
      // A listener may stop the run when it hears of the checkpoint of this very step, which does not say so then.
      if (store === undefined || (newest === store.pathOf(step) && newestStopped === stopped)) return;
      await running.sync();
      const saved = Object.fromEntries(listeners.flatMap((listener) => (listener.save === undefined ? [] : [[listener.name, listener.save()]])));
      const arrays = await snapshot(live);
      try {
        newest = store.write({ position: { ...identity, step, ...(stopped === undefined ? {} : { stopped }), listeners: saved }, arrays });
        newestStopped = stopped;
        unwritten = undefined;
      } catch (error) {
        unwritten = { path: store.pathOf(step), reason: message(error) };
      }
      await (unwritten === undefined
        ? emit({ type: 'checkpoint', step, path: store.pathOf(step) })
        : notice('CHECKPOINT_NOT_WRITTEN', say.train.checkpointNotWritten(unwritten.path, unwritten.reason)));
    };

    /** Weights that a stage moves before its first step. */
    const beginStage = async (at: number): Promise<void> => {
      const stage = times.stageFrom(at);
      if (stage === undefined || !movesWeights(live, stage)) return;
      await running.sync();
      startStage(live, stage, root);
      await running.reload();
    };

    const validation = graph.data.validation;
    const measure = async (): Promise<Evaluation | undefined> => validation && (await evaluate(live, running, 'validation', validation, measures));

    for (const { code, sentence } of graph.data.notices ?? []) await notice(code, sentence);
    await emit({
      type: 'start',
      spec: graph.spec,
      step,
      steps: times.steps,
      stepsPerEpoch: times.stepsPerEpoch,
      epochs: times.epochs,
      examples: loader.examples,
      parameters: Object.fromEntries(
        Object.values(live.nodes).map(({ name, network }) => [name, Object.values(network.parameters).reduce((sum, { size }) => sum + size, 0)]),
      ),
    });

    const load = (at: number): Promise<readonly Batch[]> => namingAsync(`the data set '${graph.data.name}'`, () => loader.at(at, dataKey, feeds.views));
    let next = step < times.steps && stopped === undefined ? load(step) : undefined;
    while (next !== undefined && stopped === undefined && signal?.aborted !== true) {
      const batches = await next;
      await beginStage(step);
      const values = inputs.at(times.progressAt(step));
      const wrong = Object.entries(values).find(([, value]) => !Number.isFinite(value));
      if (wrong !== undefined) throw new CodistillError('SCALAR_NOT_FINITE', say.train.scalarNotFinite(inputs.describe(wrong[0]), String(wrong[1]), step, say.train.kept(newest)));
      const ran = running.step(times.stageAt(step), { ...toFeeds(batches), ...stepKeys(live, root, step) }, values);
      ran.catch(() => undefined);
      // The loader works on the next batch while the backend works on this one.
      next = step + 1 < times.steps ? load(step + 1) : undefined;
      next?.catch(() => undefined);
      const means = await ran;
      refuseNotFinite(graph, means, step, say.train.kept(newest));
      step += 1;

      const epochEnds = step % times.stepsPerEpoch === 0;
      const epoch = Math.ceil(step / times.stepsPerEpoch);
      await emit({ type: 'step', step, epoch, examples: batches[0]?.ids.length ?? 0, losses: lossesOf(graph, means, (weight) => values[inputs.nameOf(weight)] ?? 0) });
      if (epochEnds) {
        const due = evaluateEvery > 0 && (epoch % evaluateEvery === 0 || epoch === times.epochs);
        const measured = due ? await measure() : undefined;
        evaluation = measured ?? evaluation;
        await emit({ type: 'epoch', epoch, step, evaluation: measured });
      }
      if (checkpoints?.everySteps === undefined ? epochEnds : step % checkpoints.everySteps === 0) await save();
    }
    const reason = stopped !== undefined ? 'stopped' : step < times.steps ? 'interrupted' : 'finished';
    await save();
    if (evaluation === undefined && reason !== 'interrupted' && evaluateEvery > 0) evaluation = await measure();
    await running.sync();
    await emit({ type: 'end', step, reason, ...(stopped === undefined ? {} : { why: stopped }) });
    // Not thrown here: what was trained must outlive it.
    const failure = unwritten && new CodistillError('LAST_CHECKPOINT', say.train.lastCheckpointNotWritten(unwritten.path, unwritten.reason));
    return { live, execution: running, steps: step, reason, evaluation, checkpoint: newest, failure };
  } catch (error) {
    await execution?.close();
    live.dispose();
    throw atStep(error, step, newest);
  }
};

/** What a part threw in the middle of training, with the step, and what is safe on disk. */
const atStep = (error: unknown, step: number, newest: string | undefined): unknown => {
  const kept = say.train.kept(newest);
  if (error instanceof EdgeFailure) return new CodistillError('TERM_THREW', say.train.termThrew(error.edge, step, error.reason, kept), { cause: error.cause });
  if (error instanceof PartFailure) return new CodistillError('PART_THREW', say.train.partThrewAt(error.what, step, error.reason, kept), { cause: error.cause });
  return error;
};
