import { type Batch, CodistillError, type Feed, type HostArray, type Named, type RecordableStep, type Signal, type Stage, type StepCompiler, type StepProgram, say } from '@codistill/core';
import { setImmediate as turn } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import { deviceOf } from './device-of.ts';
import { type Read, createRead } from './read-nodes.ts';
import type { LiveGraph } from './live-graph.ts';
import { type ScalarInputs, toScalars } from './scalar-inputs.ts';
import { readMeans } from './step-losses.ts';
import { type Step, createStep } from './step.ts';
import { type ViewFeeds, tensorsOf } from './view-feeds.ts';

/**
 * How a graph's steps are run: compiled where the backend can, operation by operation elsewhere. The numbers are the same but for
 * rounding.
 *
 * @example
 * const finish = async (execution: Execution): Promise<void> => { await execution.sync(); await execution.close(); };
 */
export interface Execution {
  /**
   * One training step.
   *
   * @returns the unweighted mean of each active edge's term, by edge id
   */
  step(stage: Stage | undefined, batch: Named<Feed>, scalars: Named<number>): Promise<Named<number>>;
  /** What every node, and the ensemble, emits for a batch, in inference mode. */
  read(batch: Batch, signals: readonly Signal[]): Promise<Named<Named<HostArray>>>;
  /** Brings the live graph's variables up to date: before they are saved, exported or read. */
  sync(): Promise<void>;
  /** Takes over variables of the live graph that were assigned meanwhile. */
  reload(): Promise<void>;
  /** Frees what was compiled. The live graph is the caller's. */
  close(): Promise<void>;
}

/**
 * How a graph is to be run.
 *
 * @example
 * const options: ExecutionOptions = { compiler: undefined, devices: [], notice: () => Promise.resolve() };
 */
export interface ExecutionOptions {
  /** What the backend offers; `undefined` to run operation by operation. */
  readonly compiler: StepCompiler | undefined;
  /** Devices that nodes are dealt out to in turn; only a compiled step is placed. */
  readonly devices: readonly string[];
  /** Hears why a step is not compiled. */
  readonly notice: (code: string, sentence: string) => Promise<void>;
}

const numbersOf = (feeds: Named<Feed>): Named<number> => Object.fromEntries(Object.entries(feeds).map(([name, { values }]) => [name, values[0] ?? NaN]));

const remembered = <K, V>(make: (key: K) => V): ((key: K) => V) => {
  const made = new Map<K, V>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
};

/**
 * Prepares to run a graph.
 *
 * @throws CodistillError `DEVICE_UNKNOWN`
 * @example
 * declare const live: LiveGraph;
 * declare const feeds: ViewFeeds;
 * declare const inputs: ScalarInputs;
 * const execution = await execute(live, feeds, inputs, { compiler: undefined, devices: [], notice: () => Promise.resolve() });
 */
export const execute = async (live: LiveGraph, feeds: ViewFeeds, inputs: ScalarInputs, { compiler, devices, notice }: ExecutionOptions): Promise<Execution> => {
  const stepOf = remembered((stage: Stage | undefined): Step => createStep(live, feeds, inputs, stage));
  const readOf = remembered((signals: string): Read => createRead(live, JSON.parse(signals) as Signal[]));
  let program: StepProgram | undefined;
  if (compiler !== undefined) program = compiler.open({ devices, deviceOf: deviceOf(live, devices) });
  else if (devices.length > 0) await notice('DEVICES_UNUSED', say.compile.devicesEager(devices));
  const compiled = remembered((step: RecordableStep) => program?.compile(step));

  /** Runs a step compiled; from the first that cannot be recorded on, all run operation by operation. */
  const run = async <T>(step: RecordableStep, batch: Named<Feed>, scalars: Named<number>, finish: (outputs: Named<Feed>) => T, eagerly: () => Promise<T>): Promise<T> => {
    if (program !== undefined) {
      try {
        return finish((await compiled(step)?.run(batch, scalars)) ?? {});
      } catch (error) {
        if (!(error instanceof CodistillError && error.code === 'NOT_RECORDABLE')) throw error;
        await program.pull();
        await program.close();
        program = undefined;
        await notice('NOT_COMPILED', say.compile.fallsBack(error.message));
      }
    }
    // Backends that compute in this thread never let go of it: without a turn of the event loop no Ctrl-C would be heard.
    await turn();
    return eagerly();
  };

  return {
    step: (stage, batch, scalars) => {
      const step = stepOf(stage);
      return run(step, batch, scalars, numbersOf, async () => {
        const tensors = [tensorsOf(batch), toScalars(scalars)] as const;
        try {
          return await readMeans(step(...tensors));
        } finally {
          tf.dispose(tensors as unknown as tf.TensorContainer);
        }
      });
    },
    read: ({ input }, signals) => {
      const read = readOf(JSON.stringify(signals));
      const batch = { input: { dtype: 'float32', ...input } } as const;
      return run(read.step, batch, {}, read.ofFeeds, () => read.eagerly(batch));
    },
    sync: async () => program?.pull(),
    reload: async () => program?.push(),
    close: async () => program?.close(),
  };
};
