import { type BackendCandidate, CodistillError, type StartedBackend, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { cpu } from './cpu/cpu.ts';
import { wasm } from './wasm/wasm.ts';

/**
 * Which backend is wanted.
 *
 * @example
 * const options: BackendOptions = { prefer: 'wasm', threads: 2 };
 */
export interface BackendOptions {
  /** The better ones first; default {@link wasm} and {@link cpu}. */
  readonly candidates?: readonly BackendCandidate[];
  /** A candidate's name, or `'auto'` (default). Beats the environment variable `CODISTILL_BACKEND`. */
  readonly prefer?: string;
  /**
   * Threads; default `CODISTILL_THREADS`, else what the backend thinks best. On wasm that is 1: more pay off for wide networks on
   * idle cores only, and results do not depend on it.
   */
  readonly threads?: number;
}

/**
 * The backend that runs.
 *
 * @example
 * const isFast = (backend: ChosenBackend): boolean => backend.name === 'wasm';
 */
export interface ChosenBackend extends StartedBackend {
  /** As tfjs calls it. */
  readonly name: string;
  /** One line for people: what was chosen, and why the better ones were not. */
  readonly line: string;
}

interface Installed {
  /** By tfjs's name, then by the candidate's. */
  readonly backends: Map<string, Map<string, StartedBackend>>;
  /** Settles when the last call does. */
  last: Promise<unknown>;
}

/** The tfjs engine outlives module instances, so what runs is remembered on it and not in a variable here. */
const INSTALLED = Symbol.for('codistill.backends');
const installed = (): Installed => {
  const engine = tf.engine() as unknown as Record<symbol, Installed | undefined>;
  return (engine[INSTALLED] ??= { backends: new Map(), last: Promise.resolve() });
};

/** One that runs already keeps the threads it runs with. */
const start = async (candidate: BackendCandidate, threads: number | undefined): Promise<StartedBackend> => {
  const { name, backend } = candidate;
  const { backends } = installed();
  const running = backends.get(backend)?.get(name);
  if (running !== undefined) {
    await tf.setBackend(backend);
    return running;
  }
  const started = await candidate.start(threads === undefined ? {} : { threads });
  backends.set(backend, (backends.get(backend) ?? new Map<string, StartedBackend>()).set(name, started));
  return started;
};

/** Why a candidate was not chosen, as part of a sentence. */
const reasonOf = (name: string, error: unknown): string =>
  error instanceof CodistillError ? error.message : `${name} does not start here (${error instanceof Error ? error.message : String(error)})`;

const threadsWanted = (option: number | undefined): number | undefined => {
  const variable = process.env['CODISTILL_THREADS'];
  const threads = option ?? (variable === undefined || variable === '' ? undefined : Number(variable));
  if (threads === undefined || (Number.isSafeInteger(threads) && threads >= 1)) return threads;
  throw new CodistillError('BACKEND_THREADS', say.backend.threads(option ?? variable));
};

const choose = async ({ candidates = [wasm(), cpu()], prefer, threads: option }: BackendOptions): Promise<ChosenBackend> => {
  const threads = threadsWanted(option);
  const variable = process.env['CODISTILL_BACKEND'];
  const wanted = prefer ?? (variable === '' ? undefined : variable) ?? 'auto';
  // tfjs takes cpu by itself, so that one says nothing about what its user wants.
  const current = tf.engine().backendName as string | undefined;
  const own = current === undefined || current === 'cpu' || installed().backends.has(current) || candidates.some(({ backend }) => backend === current);
  if (!own && (wanted === 'auto' || wanted === current)) return { name: current, how: 'as it is', line: `backend: ${current}; it was chosen before`, threads: 1 };
  // Silences the advice to install another backend: choosing one is what happens here.
  tf.env().set('PROD', true);
  const existing = [...new Set(candidates.map(({ name }) => name))];
  if (wanted !== 'auto' && !existing.includes(wanted)) throw new CodistillError('BACKEND_UNKNOWN', say.backend.unknown(wanted, existing));
  const reasons = new Set<string>();
  let last: unknown;
  for (const candidate of candidates.filter(({ name }) => wanted === 'auto' || name === wanted)) {
    try {
      const started = await start(candidate, threads);
      if (wanted !== 'auto') reasons.add(prefer === undefined ? 'CODISTILL_BACKEND asks for it' : 'it was asked for');
      const because = reasons.size === 0 ? 'the best there is here' : [...reasons].join('; ');
      return { ...started, name: candidate.backend, line: `backend: ${candidate.name} (${started.how}); ${because}` };
    } catch (error) {
      last = error;
      reasons.add(reasonOf(candidate.name, error));
    }
  }
  if (last instanceof CodistillError && wanted !== 'auto') throw last;
  const why = wanted === 'auto' ? [...reasons].join('; ') : String(last instanceof Error ? last.message : last);
  throw new CodistillError('BACKEND_FAILED', say.backend.failed(wanted, why), { cause: last });
};

/**
 * Chooses the best backend that runs here and starts it. Nothing happens on import; a second call returns what runs, with the
 * threads it runs with. A tfjs backend that no candidate stands for and that is in use already is left in use, as it is, unless
 * another is asked for.
 *
 * @param options - what is wanted
 * @throws CodistillError `BACKEND_UNKNOWN`, `BACKEND_FAILED`, `BACKEND_THREADS`; what a candidate that was asked for throws
 * @example
 * const { line } = await chooseBackend(); // 'backend: wasm (SIMD, 1 thread); the best there is here'
 */
export const chooseBackend = (options: BackendOptions = {}): Promise<ChosenBackend> => {
  // One call after the other: two that start a backend at once would get in each other's way.
  const state = installed();
  const turn = state.last.then(() => choose(options));
  state.last = turn.catch(() => undefined);
  return turn;
};
