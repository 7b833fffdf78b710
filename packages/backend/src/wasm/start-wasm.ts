import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs';

const require = createRequire(import.meta.url);

/** In a worker the "blob" arrives as the plain object that stands for a file: its address is its path. */
const WORKER_PRELUDE = 'URL.createObjectURL = (file) => file.path; URL.revokeObjectURL = () => {};\n';

interface Replaceable {
  Blob: unknown;
}

/**
 * Lets tfjs start its threaded wasm build under Node, which it hands browser blobs that Node's workers cannot run (tfjs issue
 * 3830): while it starts, a blob of script text becomes a file. Everything replaced is put back.
 *
 * @param threads - how many the pool shall have
 * @param start - starts the backend
 */
const withScriptFiles = async (threads: number, mainScript: string, start: () => Promise<boolean>): Promise<boolean> => {
  const folder = mkdtempSync(join(tmpdir(), 'codistill-wasm-'));
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  const os = require('node:os') as { cpus: () => unknown[] };
  const { cpus } = os;
  const workerThreads = require('node:worker_threads') as { Worker: typeof Worker };
  const Original = workerThreads.Worker;
  const pool: Worker[] = [];
  const { Blob } = globalThis;
  const createObjectURL = URL.createObjectURL.bind(URL);
  let files = 0;
  class ScriptFile {
    readonly path: string;
    constructor(parts: readonly unknown[]) {
      const text = parts.map(String).join('');
      // The main script already lies in the package; workers' scripts are made up by tfjs.
      this.path = text.startsWith('var WasmBackendModuleThreadedSimd') ? mainScript : join(folder, `worker-${files++}.js`);
      if (this.path !== mainScript) writeFileSync(this.path, WORKER_PRELUDE + text);
    }
  }
  try {
    (globalThis as unknown as Replaceable).Blob = ScriptFile;
    URL.createObjectURL = (object) => (object instanceof ScriptFile ? object.path : createObjectURL(object));
    // The C++ side caps its pool at half of what this reports.
    workerThreads.Worker = class extends Original {
      constructor(...parameters: ConstructorParameters<typeof Worker>) {
        super(...parameters);
        pool.push(this);
      }
    };
    os.cpus = () => Array.from({ length: 2 * threads }, () => ({ model: '', speed: 0, times: {} }));
    syncBuiltinESMExports();
    return await start();
  } finally {
    globalThis.Blob = Blob;
    URL.createObjectURL = createObjectURL;
    os.cpus = cpus;
    workerThreads.Worker = Original;
    // The pool waits for work forever: it must not keep the process alive. Until here it must, or Node would end while it loads.
    for (const worker of pool) worker.unref();
    syncBuiltinESMExports();
  }
};

/**
 * Starts the wasm backend from the files of its npm package: SIMD, and threads where more than one is asked for.
 *
 * @param threads - positive integer; 1 uses the build without threads
 * @returns the number of threads it runs with
 * @throws whatever tfjs throws where WebAssembly does not start
 * @example
 * const threads = await startWasm(2);
 */
export const startWasm = async (threads: number): Promise<number> => {
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  const folder = join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'wasm-out');
  wasm.setWasmPaths(`${folder}/`);
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', threads > 1);
  if (threads === 1) {
    await tf.setBackend('wasm');
    return 1;
  }
  wasm.setThreadsCount(threads);
  await withScriptFiles(threads, join(folder, 'tfjs-backend-wasm-threaded-simd.js'), () => tf.setBackend('wasm'));
  return wasm.getThreadsCount();
};
