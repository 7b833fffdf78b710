import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Batch, CodistillError, type Notice, type View, describe, say } from '@codistill/core/host';
import { Tinypool } from 'tinypool';
import type { BatchRequest } from './batch-worker.ts';
import { type BatchOrder, type Material, makeBatches } from './make-batches.ts';

/**
 * Makes batches, in worker threads or here.
 *
 * @example
 * const end = (pool: BatchPool): Promise<void> => pool.close();
 */
export interface BatchPool {
  /** Why it is slower than what was asked for. */
  readonly notices: readonly Notice[];
  make(order: BatchOrder, views: readonly (View | undefined)[]): Promise<readonly Batch[]>;
  close(): Promise<void>;
}

/** A view of a package can be made again in another thread; one that somebody just wrote cannot. */
const isPortable = (view: View): boolean => !JSON.stringify(describe(view)).includes('"package":"local"');

/** Run from TypeScript source, workers still need JavaScript: that of the build. */
const workerFile = (): string => {
  const here = fileURLToPath(import.meta.url);
  return here.endsWith('.ts') ? fileURLToPath(new URL('../dist/batch-worker.js', import.meta.url)) : fileURLToPath(new URL('./batch-worker.js', import.meta.url));
};

/**
 * Opens a pool. What it makes does not depend on the number of threads.
 *
 * @param material - images in shared memory
 * @param augmentations - for all views
 * @param workers - threads; 0 makes batches in the main thread, as do views that are in no package
 * @param file - what a thread runs; where there is no such file, batches are made in the main thread and a notice says so
 * @example
 * declare const material: Material;
 * const pool = openPool(material, [], 1);
 */
export const openPool = (material: Material, augmentations: readonly View[], workers: number, file: string = workerFile()): BatchPool => {
  const here: BatchPool = {
    notices: [],
    // A view that throws rejects, here as in a worker.
    make: (order, views) => new Promise((resolve) => resolve(makeBatches(material, order, augmentations, views))),
    close: () => Promise.resolve(),
  };
  if (workers === 0 || !augmentations.every(isPortable)) return here;
  if (!existsSync(file)) return { ...here, notices: [{ code: 'WORKER_MISSING', sentence: say.loading.workerMissing(file) }] };
  let pool: Tinypool | undefined;
  return {
    notices: [],
    make: async (order, views) => {
      if (!views.every((view) => view === undefined || isPortable(view))) return here.make(order, views);
      pool ??= new Tinypool({
        filename: file,
        runtime: 'worker_threads',
        minThreads: workers,
        maxThreads: workers,
        workerData: { material, augmentations: augmentations.map(describe) },
      });
      const request: BatchRequest = { order, views: views.map((view) => (view === undefined ? null : describe(view))) };
      try {
        return (await pool.run(request)) as readonly Batch[];
      } catch (error) {
        throw new CodistillError('WORKER_FAILED', say.loading.workerFailed((error as Error).message), { cause: error });
      }
    },
    close: async () => {
      await pool?.destroy();
      pool = undefined;
    },
  };
};
