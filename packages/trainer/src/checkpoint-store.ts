import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { CodistillError, say } from '@codistill/core';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';

const FILE = /^step-(\d{9})\.safetensors$/;
const UNFINISHED = '.unfinished';

/**
 * A folder of checkpoints.
 *
 * @example
 * const newest = (store: CheckpointStore): string | undefined => store.paths().at(-1);
 */
export interface CheckpointStore {
  /** Complete checkpoints, oldest first. */
  paths(): readonly string[];
  /**
   * Writes to a temporary name, syncs, renames, and then drops the oldest beyond `keep`: whenever the process dies, every file
   * that bears a checkpoint's name is whole.
   *
   * @throws the file system's error; what was there before is still there
   */
  write(checkpoint: Checkpoint): string;
  /** Where `write` would put the checkpoint of a step. */
  pathOf(step: number): string;
  /** The newest checkpoint that is whole; `onDamaged` hears a sentence about each that is not. */
  newest(onDamaged: (sentence: string) => void): { readonly path: string; readonly checkpoint: Checkpoint } | undefined;
}

const sync = (path: string): void => {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
};

const writeDurably = (path: string, bytes: Uint8Array): void => {
  const handle = openSync(path, 'w');
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(handle, bytes, written);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
};

/**
 * Opens a folder of checkpoints, makes it if it is not there, and sweeps what an interrupted write left.
 *
 * @param directory - path of the folder
 * @param keep - how many checkpoints to keep, the newest
 * @throws CodistillError `DIRECTORY_UNWRITABLE`
 * @example
 * const store = openStore('runs/one', 2);
 */
export const openStore = (directory: string, keep: number): CheckpointStore => {
  try {
    mkdirSync(directory, { recursive: true });
    for (const name of readdirSync(directory)) if (name.endsWith(UNFINISHED)) rmSync(join(directory, name));
    writeDurably(join(directory, `probe${UNFINISHED}`), new Uint8Array(1));
    rmSync(join(directory, `probe${UNFINISHED}`));
  } catch (error) {
    throw new CodistillError('DIRECTORY_UNWRITABLE', say.train.directoryUnwritable(directory, (error as Error).message), { cause: error });
  }
  const paths = (): readonly string[] =>
    readdirSync(directory)
      .filter((name) => FILE.test(name))
      .sort()
      .map((name) => join(directory, name));
  const pathOf = (step: number): string => join(directory, `step-${String(step).padStart(9, '0')}.safetensors`);
  return {
    paths,
    pathOf,
    write: (checkpoint) => {
      const path = pathOf(checkpoint.position.step);
      const unfinished = `${path}${UNFINISHED}`;
      try {
        writeDurably(unfinished, encodeCheckpoint(checkpoint));
      } catch (error) {
        if (existsSync(unfinished)) rmSync(unfinished, { force: true });
        throw error;
      }
      renameSync(unfinished, path);
      // A rename is durable once the folder that holds the name is.
      if (process.platform !== 'win32') sync(directory);
      for (const old of paths().slice(0, -keep)) rmSync(old);
      return path;
    },
    newest: (onDamaged) => {
      const existing = paths();
      for (const path of existing.toReversed()) {
        const checkpoint = decodeCheckpoint(readFileSync(path));
        if (typeof checkpoint !== 'string') return { path, checkpoint };
        onDamaged(say.train.checkpointDamaged(path, checkpoint));
      }
      if (existing.length > 0) throw new CodistillError('NONE_VALID', say.train.noneValid(directory, existing.length));
      return undefined;
    },
  };
};
