import { CodistillError, say } from '@codistill/core';
import { type AddonSession, type AddonPlan, loadAddon } from './load-addon.ts';
import { reasonOf } from './reason-of.ts';

/**
 * Numbers by which TensorFlow's protocol buffers and C API call the element types that codistill uses.
 *
 * @example
 * const ones: NativeTensor = { dtype: DTYPE.float32, shape: [2], data: new Float32Array([1, 1]) };
 */
export const DTYPE = { float32: 1, float64: 2, int32: 3, uint8: 4, int64: 9, bool: 10, uint32: 22, uint64: 23 } as const;

/**
 * A tensor on its way into or out of a session: plain memory of JavaScript's, row-major. It is copied both ways.
 *
 * @example
 * const step: NativeTensor = { dtype: DTYPE.int32, shape: [], data: new Int32Array([7]) };
 */
export interface NativeTensor {
  /** One of {@link DTYPE}. */
  readonly dtype: number;
  readonly shape: readonly number[];
  /** As many bytes as `shape` and `dtype` say: whether the array's own type agrees is not looked at. Booleans are bytes. */
  readonly data: Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array | BigInt64Array;
}

/**
 * What a run fetched, in the order of the plan's fetches.
 *
 * @example
 * const lossOf = (fetched: Fetched): number => Number(fetched[0]?.data[0]);
 */
export interface Fetched extends ReadonlyArray<NativeTensor> {
  /** Serialised `RunMetadata`, where run options were given. */
  readonly metadata?: Uint8Array;
}

const refused = (error: unknown): CodistillError => new CodistillError('NATIVE_SESSION', say.native.session(reasonOf(error)), { cause: error });

/**
 * A TensorFlow session of its own: one graph that only grows, and the variables that live in it. Every step imported finds the
 * variables of the others by their shared name, and they keep their values from run to run.
 *
 * Nothing is freed before {@link Session.close}, so close it. Errors are CodistillError `NATIVE_SESSION` with TensorFlow's reason.
 * TensorFlow runs what is asked for at the same time at the same time: two runs that write the same variables race, and it is the
 * caller who lets one wait for the other.
 *
 * @example
 * const session = openSession();
 * console.log(session.devices()); // ['/job:localhost/replica:0/task:0/device:CPU:0']
 * session.close();
 */
export class Session {
  readonly #addon: ReturnType<typeof loadAddon>;
  readonly #session: AddonSession;
  readonly #plans: AddonPlan[] = [];

  /**
   * @param config - a serialised `ConfigProto`: threads, graph optimiser, placement, virtual devices. Default: TensorFlow's own
   * @throws CodistillError `NATIVE_ABSENT` where the addon is not installed, `NATIVE_SESSION`
   */
  constructor(config?: Uint8Array) {
    this.#addon = loadAddon();
    this.#session = this.#attempt(() => this.#addon.newSession(config));
  }

  /**
   * Adds nodes to the graph.
   *
   * @param graphDef - a serialised `GraphDef`
   * @param prefix - put before every name with a '/'; '' for none. It must be new
   */
  importGraph(graphDef: Uint8Array, prefix: string): void {
    this.#attempt(() => {
      this.#addon.importGraph(this.#session, graphDef, prefix);
    });
  }

  /** @returns full names, for instance `/job:localhost/replica:0/task:0/device:CPU:0` */
  devices(): readonly string[] {
    return this.#attempt(() => this.#addon.devices(this.#session));
  }

  /**
   * Resolves names once, for many runs.
   *
   * @param feeds - node outputs, `'node'` or `'node:1'`
   * @param fetches - node outputs
   * @param targets - nodes to run for what they do
   * @returns the plan's number in this session
   */
  plan(feeds: readonly string[], fetches: readonly string[], targets: readonly string[]): number {
    return this.#plans.push(this.#attempt(() => this.#addon.plan(this.#session, feeds, fetches, targets))) - 1;
  }

  /**
   * Runs a plan and waits for it on this thread.
   *
   * @param plan - from {@link Session.plan}
   * @param feeds - one for each of the plan's, in order
   */
  run(plan: number, feeds: readonly NativeTensor[]): Fetched {
    return this.#attempt(() => this.#addon.run(this.#planOf(plan), feeds));
  }

  /**
   * Runs a plan on another thread: the event loop stays free.
   *
   * @param plan - from {@link Session.plan}
   * @param feeds - one for each of the plan's, in order; copied before this returns
   * @param runOptions - a serialised `RunOptions`, whose `RunMetadata` comes with what is fetched
   */
  async runAsync(plan: number, feeds: readonly NativeTensor[], runOptions?: Uint8Array): Promise<Fetched> {
    try {
      return await this.#addon.runAsync(this.#planOf(plan), feeds, runOptions);
    } catch (error) {
      throw refused(error);
    }
  }

  /** Frees the graph and its variables. A second call does nothing; a call during a run is an error. */
  close(): void {
    this.#attempt(() => {
      this.#addon.close(this.#session);
    });
    this.#plans.length = 0;
  }

  #planOf(plan: number): AddonPlan {
    const found = this.#plans[plan];
    if (found === undefined) throw new Error(`it has no plan ${plan}, or is closed`);
    return found;
  }

  #attempt<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw refused(error);
    }
  }
}

/**
 * Opens a {@link Session}.
 *
 * @param config - a serialised `ConfigProto`. Default: TensorFlow's own
 * @throws CodistillError `NATIVE_ABSENT` where the addon is not installed, `NATIVE_SESSION`
 * @example
 * const session = openSession();
 * session.close();
 */
export const openSession = (config?: Uint8Array): Session => new Session(config);
