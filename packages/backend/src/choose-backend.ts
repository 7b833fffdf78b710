import { CodistillError, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { avgPoolGrad } from './avg-pool-grad.ts';
import { conv2dBackpropFilterOnCpu } from './cpu/conv2d-backprop-filter.ts';
import { refusedResizeGradients } from './cpu/refused-resize-gradients.ts';
import { type Kernel, installKernels } from './install-kernels.ts';
import { keyedUniformOnCpu, keyedUniformOnWasm } from './keyed-uniform.ts';
import { conv2dBackpropFilter, conv2dBackpropInput } from './wasm/conv2d-gradients.ts';
import { depthwiseBackpropFilter, depthwiseBackpropInput } from './wasm/depthwise-gradients.ts';
import { forwardCorrections } from './wasm/forward-corrections.ts';
import { maxPoolGrad } from './wasm/max-pool-grad.ts';
import { startWasm } from './wasm/start-wasm.ts';
import { unsortedSegmentSum } from './wasm/unsorted-segment-sum.ts';

/**
 * Which backend is wanted.
 *
 * @example
 * const options: BackendOptions = { prefer: 'wasm', threads: 2 };
 */
export interface BackendOptions {
  /** `'auto'` (default), `'wasm'` or `'cpu'`. Beats the environment variable `CODISTILL_BACKEND`. */
  readonly prefer?: string;
  /** Threads of the wasm backend; default 1. More pay off for wide networks on idle cores only; results do not depend on it. */
  readonly threads?: number;
}

/**
 * The backend that runs.
 *
 * @example
 * const isFast = (backend: ChosenBackend): boolean => backend.name === 'wasm';
 */
export interface ChosenBackend {
  /** As tfjs calls it. */
  readonly name: string;
  /** One line for people: what was chosen, and why. */
  readonly line: string;
  readonly threads: number;
}

const WASM_KERNELS: readonly Kernel[] = [
  conv2dBackpropFilter,
  conv2dBackpropInput,
  depthwiseBackpropFilter,
  depthwiseBackpropInput,
  unsortedSegmentSum,
  maxPoolGrad,
  avgPoolGrad,
  keyedUniformOnWasm,
  ...forwardCorrections,
];

const CPU_KERNELS: readonly Kernel[] = [conv2dBackpropFilterOnCpu, avgPoolGrad, ...refusedResizeGradients, keyedUniformOnCpu];

const EXISTING = ['wasm', 'cpu'] as const;


/** The tfjs engine outlives module instances, so what is installed is remembered on it and not in a variable here. */
const INSTALLED = Symbol.for('codistill.backends');
const installed = (): Map<string, ChosenBackend> => {
  const engine = tf.engine() as unknown as Record<symbol, Map<string, ChosenBackend> | undefined>;
  const known = engine[INSTALLED] ?? new Map<string, ChosenBackend>();
  engine[INSTALLED] = known;
  return known;
};

const start = async (name: (typeof EXISTING)[number], threads: number, why: string): Promise<ChosenBackend> => {
  const running = installed().get(name);
  if (running !== undefined) {
    await tf.setBackend(name);
    return running;
  }
  const real = name === 'wasm' ? await startWasm(threads) : Number(await tf.setBackend('cpu'));
  if (tf.getBackend() !== name) throw new Error('tfjs could not initialise it');
  installKernels(name, name === 'wasm' ? WASM_KERNELS : CPU_KERNELS);
  const how = name === 'wasm' ? `SIMD, ${real} ${real === 1 ? 'thread' : 'threads'}` : 'plain JavaScript, for reference';
  const chosen = { name, line: `backend: ${name} (${how}); ${why}`, threads: real };
  installed().set(name, chosen);
  return chosen;
};

/**
 * Chooses the best backend that runs here, starts it, and gives tfjs the kernels that training needs and it lacks or gets wrong.
 * Nothing happens on import; a second call returns what runs.
 *
 * @param options - what is wanted
 * @throws CodistillError `BACKEND_UNKNOWN`, `BACKEND_FAILED`, `BACKEND_THREADS`
 * @example
 * const { line } = await chooseBackend(); // 'backend: wasm (SIMD, 1 thread); it is the fastest that needs npm packages only'
 */
export const chooseBackend = async ({ prefer, threads = 1 }: BackendOptions = {}): Promise<ChosenBackend> => {
  if (!Number.isSafeInteger(threads) || threads < 1) throw new CodistillError('BACKEND_THREADS', say.backend.threads(threads));
  // Silences the advice to install another backend: choosing one is what happens here.
  tf.env().set('PROD', true);
  const variable = process.env['CODISTILL_BACKEND'];
  const wanted = prefer ?? (variable === '' ? undefined : variable) ?? 'auto';
  const by = prefer !== undefined && prefer !== 'auto' ? 'it was asked for' : 'CODISTILL_BACKEND asks for it';
  if (wanted !== 'auto') {
    const name = EXISTING.find((each) => each === wanted);
    if (name === undefined) throw new CodistillError('BACKEND_UNKNOWN', say.backend.unknown(wanted, EXISTING));
    try {
      return await start(name, threads, by);
    } catch (error) {
      throw new CodistillError('BACKEND_FAILED', say.backend.failed(name, error instanceof Error ? error.message : String(error)), { cause: error });
    }
  }
  try {
    return await start('wasm', threads, 'it is the fastest that needs npm packages only');
  } catch (error) {
    return start('cpu', 1, `wasm does not start here (${error instanceof Error ? error.message : String(error)})`);
  }
};
