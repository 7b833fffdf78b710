import { CodistillError, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { avgPoolGrad } from './avg-pool-grad.ts';
import { conv2dBackpropFilterOnCpu } from './cpu/conv2d-backprop-filter.ts';
import { transformPerImage } from './cpu/transform-per-image.ts';
import { type Kernel, installKernels } from './install-kernels.ts';
import { keyedUniform } from './keyed-uniform.ts';
import { resizeGradients } from './resize-gradients.ts';
import { soundConvolutions, soundPoolings } from './sound-padding.ts';
import { unsortedSegmentSum } from './unsorted-segment-sum.ts';
import { comparisons } from './wasm/comparisons.ts';
import { conv2dBackpropFilter, conv2dBackpropInput } from './wasm/conv2d-gradients.ts';
import { depthwiseBackpropFilter, depthwiseBackpropInput } from './wasm/depthwise-gradients.ts';
import { forwardCorrections } from './wasm/forward-corrections.ts';
import { leadingReductions } from './wasm/leading-reductions.ts';
import { maxPoolGrad } from './wasm/max-pool-grad.ts';
import { sharedMemory } from './wasm/shared-memory.ts';
import { startWasm } from './wasm/start-wasm.ts';

/**
 * Which backend is wanted.
 *
 * @example
 * const options: BackendOptions = { prefer: 'wasm', threads: 2 };
 */
export interface BackendOptions {
  /** `'auto'` (default), `'wasm'` or `'cpu'`. Beats the environment variable `CODISTILL_BACKEND`. */
  readonly prefer?: string;
  /**
   * Threads of the wasm backend; default `CODISTILL_THREADS`, else 1. More pay off for wide networks on idle cores only; results
   * do not depend on it.
   */
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
  /** Of the wasm backend; 1 for others. */
  readonly threads: number;
}

const KERNELS: Readonly<Record<'wasm' | 'cpu', readonly Kernel[]>> = {
  wasm: [
    conv2dBackpropFilter,
    conv2dBackpropInput,
    depthwiseBackpropFilter,
    depthwiseBackpropInput,
    unsortedSegmentSum,
    maxPoolGrad,
    avgPoolGrad,
    keyedUniform,
    ...resizeGradients,
    ...forwardCorrections,
    ...soundPoolings,
    ...leadingReductions,
    ...sharedMemory,
    ...comparisons,
  ],
  cpu: [conv2dBackpropFilterOnCpu, unsortedSegmentSum, avgPoolGrad, keyedUniform, ...resizeGradients, ...soundConvolutions, ...soundPoolings, transformPerImage],
};

const EXISTING = ['wasm', 'cpu'] as const;

interface Installed {
  readonly backends: Map<string, ChosenBackend>;
  /** Settles when the last call does. */
  last: Promise<unknown>;
}

/** The tfjs engine outlives module instances, so what is installed is remembered on it and not in a variable here. */
const INSTALLED = Symbol.for('codistill.backends');
const installed = (): Installed => {
  const engine = tf.engine() as unknown as Record<symbol, Installed | undefined>;
  return (engine[INSTALLED] ??= { backends: new Map(), last: Promise.resolve() });
};

const start = async (name: (typeof EXISTING)[number], threads: number, why: string): Promise<ChosenBackend> => {
  const running = installed().backends.get(name);
  if (running !== undefined) {
    await tf.setBackend(name);
    return running;
  }
  const real = name === 'wasm' ? await startWasm(threads) : Number(await tf.setBackend('cpu'));
  if (tf.getBackend() !== name) throw new Error('tfjs could not initialise it');
  installKernels(name, KERNELS[name]);
  const how = name === 'wasm' ? `SIMD, ${real} ${real === 1 ? 'thread' : 'threads'}` : 'plain JavaScript, for reference';
  const chosen = { name, line: `backend: ${name} (${how}); ${why}`, threads: real };
  installed().backends.set(name, chosen);
  return chosen;
};

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const threadsWanted = (option: number | undefined): number => {
  const variable = process.env['CODISTILL_THREADS'];
  const threads = option ?? (variable === undefined || variable === '' ? 1 : Number(variable));
  if (Number.isSafeInteger(threads) && threads >= 1) return threads;
  throw new CodistillError('BACKEND_THREADS', say.backend.threads(option ?? variable));
};

const choose = async ({ prefer, threads: option }: BackendOptions): Promise<ChosenBackend> => {
  const threads = threadsWanted(option);
  const variable = process.env['CODISTILL_BACKEND'];
  const wanted = prefer ?? (variable === '' ? undefined : variable) ?? 'auto';
  // tfjs takes cpu by itself, so that one says nothing about what its user wants.
  const current = tf.engine().backendName as string | undefined;
  const own = current === undefined || EXISTING.some((name) => name === current);
  if (!own && (wanted === 'auto' || wanted === current)) return { name: current, line: `backend: ${current}; it was chosen before`, threads: 1 };
  // Silences the advice to install another backend: choosing one is what happens here.
  tf.env().set('PROD', true);
  if (wanted !== 'auto') {
    const name = EXISTING.find((each) => each === wanted);
    if (name === undefined) throw new CodistillError('BACKEND_UNKNOWN', say.backend.unknown(wanted, EXISTING));
    try {
      return await start(name, threads, prefer === undefined ? 'CODISTILL_BACKEND asks for it' : 'it was asked for');
    } catch (error) {
      throw new CodistillError('BACKEND_FAILED', say.backend.failed(name, reasonOf(error)), { cause: error });
    }
  }
  try {
    return await start('wasm', threads, 'it is the fastest that needs npm packages only');
  } catch (error) {
    return start('cpu', 1, `wasm does not start here (${reasonOf(error)})`);
  }
};

/**
 * Chooses the best backend that runs here, starts it, and gives tfjs the kernels that training needs and it lacks or gets wrong.
 * Nothing happens on import; a second call returns what runs, with the threads it runs with. A tfjs backend other than these that
 * is in use already is left in use, as it is, unless another is asked for.
 *
 * @param options - what is wanted
 * @throws CodistillError `BACKEND_UNKNOWN`, `BACKEND_FAILED`, `BACKEND_THREADS`
 * @example
 * const { line } = await chooseBackend(); // 'backend: wasm (SIMD, 1 thread); it is the fastest that needs npm packages only'
 */
export const chooseBackend = (options: BackendOptions = {}): Promise<ChosenBackend> => {
  // One call after the other: kernels installed twice over would correct what is right already.
  const state = installed();
  const turn = state.last.then(() => choose(options));
  state.last = turn.catch(() => undefined);
  return turn;
};
