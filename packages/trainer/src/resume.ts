import { CodistillError, type Listener, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import type { Checkpoint, Position } from './checkpoint.ts';
import type { CheckpointStore } from './checkpoint-store.ts';
import type { LiveGraph } from './live-graph.ts';

/**
 * Values of every variable of a run, for a checkpoint.
 *
 * @example
 * declare const live: LiveGraph;
 * const arrays = await snapshot(live);
 */
export const snapshot = async (live: LiveGraph): Promise<Checkpoint['arrays']> =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(live.variables).map(async ([name, variable]) => [name, { shape: variable.shape, values: (await variable.data()) as Float32Array }] as const),
    ),
  );

const restore = (live: LiveGraph, arrays: Checkpoint['arrays']): void => {
  tf.tidy(() => {
    for (const [name, variable] of Object.entries(live.variables)) {
      const array = arrays[name];
      if (array === undefined) throw new CodistillError('INTERNAL', `internal: the checkpoint lacks '${name}'`);
      variable.assign(tf.tensor(array.values, [...array.shape], 'float32'));
    }
  });
};

/**
 * Goes on from the newest valid checkpoint, if there is one and it is of the same run: variables and listeners get their state.
 *
 * @param run - what must agree: seed, epochs, backend, hash of the spec
 * @param notice - hears of each damaged checkpoint
 * @returns where the run stands, or `undefined` for a fresh start
 * @throws CodistillError `CHECKPOINT_FOREIGN`, `NONE_VALID`
 * @example
 * declare const store: CheckpointStore;
 * declare const live: LiveGraph;
 * const run = { seed: 7, epochs: 2, backend: 'wasm', specHash: '…' };
 * const at = await resume(store, live, run, [], () => Promise.resolve());
 */
export const resume = async (
  store: CheckpointStore,
  live: LiveGraph,
  run: Omit<Position, 'step' | 'stopped' | 'listeners'>,
  listeners: readonly Listener[],
  notice: (code: string, sentence: string) => Promise<void>,
): Promise<{ readonly step: number; readonly stopped: string | undefined; readonly path: string } | undefined> => {
  const damaged: string[] = [];
  const found = store.newest((sentence) => damaged.push(sentence));
  for (const sentence of damaged) await notice('CHECKPOINT_DAMAGED', sentence);
  if (found === undefined) return undefined;
  const { path, checkpoint } = found;
  const names = { specHash: 'pipeline', seed: 'seed', epochs: 'number of epochs', backend: 'backend' } as const;
  for (const field of ['specHash', 'seed', 'epochs', 'backend'] as const) {
    const [has, want] = [checkpoint.position[field], run[field]];
    if (has !== want) {
      throw new CodistillError('CHECKPOINT_FOREIGN', say.train.checkpointForeign(path, names[field], String(has), String(want)));
    }
  }
  restore(live, checkpoint.arrays);
  for (const listener of listeners) {
    const state = checkpoint.position.listeners[listener.name];
    if (state !== undefined) listener.restore?.(state);
  }
  const { step, stopped } = checkpoint.position;
  return { step, stopped, path };
};
