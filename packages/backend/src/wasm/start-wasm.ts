import { createRequire, syncBuiltinESMExports } from 'node:module';
import { dirname, join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { CodistillError, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

const require = createRequire(import.meta.url);

/** In a worker the main script's "blob" arrives as the plain object that stands for it: its address is its path. */
const WORKER_PRELUDE = 'URL.createObjectURL = (script) => script.path; URL.revokeObjectURL = () => {};\n';

interface Script {
  readonly text: string;
  /** The main script lies in the package, whence workers read it; theirs is made up by tfjs. */
  readonly path: string;
}

/**
 * Lets tfjs start its threaded wasm build under Node, which it hands browser blobs that Node's workers cannot run (tfjs issue
 * 3830): while it starts, a blob is the script's text, and a worker of it evaluates that. Everything replaced is put back.
 *
 * @param threads - how many the pool shall have
 * @param mainScript - path of the threaded build
 * @param start - starts the backend
 */
const withScriptWorkers = async (threads: number, mainScript: string, start: () => Promise<boolean>): Promise<boolean> => {
  const os = require('node:os') as { cpus: () => unknown[] };
  const workers = require('node:worker_threads') as { Worker: typeof Worker };
  const globals = globalThis as unknown as { Blob: unknown; Worker?: unknown };
  const before = { cpus: os.cpus, Worker: workers.Worker, Blob: globals.Blob, createObjectURL: URL.createObjectURL.bind(URL), hadWorker: 'Worker' in globals, globalWorker: globals.Worker };
  const scripts = new Map<string, Script>();
  const pool: Worker[] = [];
  try {
    globals.Blob = class {
      readonly path = mainScript;
      readonly text: string;
      constructor(parts: readonly unknown[]) {
        this.text = parts.map(String).join('');
      }
    };
    URL.createObjectURL = (script) => {
      const address = `codistill:${scripts.size}`;
      scripts.set(address, script as unknown as Script);
      return address;
    };
    workers.Worker = class extends before.Worker {
      constructor(...[address, options]: ConstructorParameters<typeof Worker>) {
        const script = scripts.get(String(address));
        // Without the process's own options: one like --input-type=module would have the script, which is CommonJS, evaluated as a module.
        super(script === undefined ? address : WORKER_PRELUDE + script.text, script === undefined ? options : { ...options, eval: true, execArgv: [] });
        pool.push(this);
      }
    };
    // The C++ side caps its pool at half of what this reports.
    os.cpus = () => Array.from({ length: 2 * threads }, () => ({ model: '', speed: 0, times: {} }));
    syncBuiltinESMExports();
    return await start();
  } finally {
    os.cpus = before.cpus;
    workers.Worker = before.Worker;
    globals.Blob = before.Blob;
    URL.createObjectURL = before.createObjectURL;
    // The threaded build leaves Node's workers behind as a global.
    if (before.hadWorker) globals.Worker = before.globalWorker;
    else delete globals.Worker;
    // The pool waits for work forever: it must not keep the process alive. Until here it must, or Node would end while it loads.
    for (const worker of pool) worker.unref();
    syncBuiltinESMExports();
  }
};

interface Heap {
  _malloc: (bytes: number) => number;
  _free: (address: number) => void;
}

/** tfjs takes the address 0 of an allocation that failed for memory, and counts sizes modulo 4 GB: it computes on with what lies there. */
const refuseOverflow = (heap: Heap): void => {
  // The first call replaces the function by a faster one.
  heap._free(heap._malloc(8));
  const allocate = heap._malloc;
  heap._malloc = (bytes) => {
    const address = bytes < 2 ** 32 ? allocate(bytes) : 0;
    if (address === 0 && bytes > 0) throw new CodistillError('BACKEND_MEMORY', say.backend.outOfMemory(bytes));
    return address;
  };
};

const FATAL = ['uncaughtException', 'unhandledRejection'] as const;

/** Emscripten listens for what ends a process, and throws it again from its own code: errors of others would seem to be its. */
const withoutListeners = async <T>(start: () => Promise<T>): Promise<T> => {
  const events = process as Pick<NodeJS.EventEmitter, 'rawListeners' | 'removeListener'>;
  const before = FATAL.map((event) => events.rawListeners(event));
  try {
    return await start();
  } finally {
    FATAL.forEach((event, index) => {
      for (const listener of events.rawListeners(event)) if (before[index]?.includes(listener) !== true) events.removeListener(event, listener as () => void);
    });
  }
};

/**
 * Starts the wasm backend from the files of its npm package: SIMD, and threads where more than one is asked for. Where it runs
 * already, it is left as it is.
 *
 * @param threads - positive integer; 1 uses the build without threads
 * @returns the number of threads it runs with
 * @throws whatever tfjs throws where WebAssembly does not start; later, from any operation, CodistillError `BACKEND_MEMORY`
 * @example
 * const threads = await startWasm(2);
 */
export const startWasm = async (threads: number): Promise<number> => {
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  const folder = join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'wasm-out');
  wasm.setWasmPaths(`${folder}/`);
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', threads > 1);
  const start = (): Promise<boolean> => withoutListeners(() => tf.setBackend('wasm'));
  if (threads === 1) await start();
  else {
    wasm.setThreadsCount(threads);
    await withScriptWorkers(threads, join(folder, 'tfjs-backend-wasm-threaded-simd.js'), start);
  }
  if (tf.getBackend() === 'wasm') refuseOverflow((tf.backend() as unknown as { readonly wasm: Heap }).wasm);
  return wasm.getThreadsCount();
};
