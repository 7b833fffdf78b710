import { CodistillError, type CompiledStep, type Feed, type Named, type ProgramOptions, type RecordableStep, type StepProgram, say } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';
import { type KernelTime, kernelsOf, profiling } from '../graph/profile.ts';
import { type SessionConfig, deviceName, sessionConfig } from '../graph/session-config.ts';
import { type Session, openSession } from '../session/session.ts';
import { audit, otherInputs } from '../trace/audit.ts';
import { type NativeBackend } from '../trace/native-backend.ts';
import { dropNoOps } from '../trace/drop-no-ops.ts';
import { flatten } from '../trace/flat-variables.ts';
import { fuseUpdates } from '../trace/fuse-updates.ts';
import { record } from '../trace/record.ts';
import { type ImportedStep, importStep } from './imported-step.ts';
import { SessionVariables } from './session-variables.ts';
import { signatureOf } from './signature.ts';
import { Turns } from './turns.ts';

/**
 * How a native program is set up.
 *
 * @example
 * const options: NativeProgramOptions = { graphOptimizer: 'off', mostRecordings: 8 };
 */
export interface NativeProgramOptions extends ProgramOptions, Omit<SessionConfig, 'devices'> {
  /**
   * How many recordings a session takes in, by step and by shapes of its inputs, before it is closed and a new one begun with the same variables. Default 64.
   */
  readonly mostRecordings?: number;
}

/**
 * A compiled step that can also say what it spends its time on.
 *
 * @example
 * const slowest = async (step: NativeStep): Promise<KernelTime | undefined> => (await step.profile({}, {})).toSorted((a, b) => b.micros - a.micros)[0];
 */
export interface NativeStep extends CompiledStep {
  /** Runs the step once, and returns the time of every kernel. */
  profile(inputs: Named<Feed>, scalars: Named<number>): Promise<readonly KernelTime[]>;
}

interface Opened {
  readonly session: Session;
  readonly variables: SessionVariables;
  /** Every recording, by step and signature. */
  readonly recordings: Map<RecordableStep, Map<string, ImportedStep>>;
  /** Imports so far, for prefixes. */
  imports: number;
}

/**
 * Steps compiled into one TensorFlow session: one graph that grows, variables that all steps share.
 *
 * @example
 * declare const backend: NativeBackend;
 * const program = new NativeProgram(backend);
 * await program.close();
 */
export class NativeProgram implements StepProgram {
  readonly #backend: NativeBackend;
  readonly #config: Uint8Array;
  readonly #deviceOf: (variable: tf.Variable) => string;
  readonly #mostRecordings: number;
  readonly #turns = new Turns();
  readonly #audited = new WeakSet<RecordableStep>();
  #opened: Opened | undefined;

  /** @throws CodistillError `DEVICE_UNKNOWN`, `NATIVE_ABSENT`, `NATIVE_SESSION` */
  constructor(backend: NativeBackend, { devices = [], deviceOf, mostRecordings = 64, ...config }: NativeProgramOptions = {}) {
    this.#backend = backend;
    this.#mostRecordings = mostRecordings;
    this.#config = sessionConfig({ devices, ...config });
    this.#deviceOf = (variable) => {
      const device = deviceOf?.(variable);
      return device === undefined ? '' : deviceName(device);
    };
    this.#opened = this.#open();
    const existing = this.#opened.session.devices();
    const unknown = devices.find((device) => !existing.some((full) => full.endsWith(deviceName(device))));
    if (unknown !== undefined) {
      this.#opened.session.close();
      throw new CodistillError('DEVICE_UNKNOWN', say.compile.deviceUnknown(unknown, existing.map((full) => full.replace(/^.*device:/, '/'))));
    }
  }

  /** Names of the session's devices. */
  get devices(): readonly string[] {
    return this.#present().session.devices();
  }

  compile(step: RecordableStep): NativeStep {
    const run = (inputs: Named<Feed>, scalars: Named<number>, quiet: boolean, runOptions?: Uint8Array): ReturnType<ImportedStep['run']> => {
      const signature = signatureOf(inputs, scalars);
      const known = (): ImportedStep | undefined => this.#present().recordings.get(step)?.get(signature);
      const alone = (): ReturnType<ImportedStep['run']> =>
        this.#turns.alone(async () => {
          const imported = known();
          if (imported !== undefined) return imported.run(inputs, scalars, quiet, runOptions);
          return (await this.#import(step, signature, inputs, scalars)).run(inputs, scalars, quiet, runOptions);
        });
      if (this.#opened?.recordings.get(step)?.get(signature)?.writes !== false) return alone();
      // Until its turn comes, the recording may have been dropped.
      return this.#turns.together(async () => known()?.run(inputs, scalars, quiet, runOptions)).then((ran) => ran ?? alone());
    };
    return {
      run: async (inputs, scalars, { quiet = false } = {}) => (await run(inputs, scalars, quiet)).outputs,
      profile: async (inputs, scalars) => kernelsOf((await run(inputs, scalars, false, profiling())).metadata ?? new Uint8Array()),
    };
  }

  pull(): Promise<void> {
    return this.#turns.alone(async () => this.#present().variables.pull());
  }

  push(): Promise<void> {
    return this.#turns.alone(() => {
      this.#present().variables.push();
      return Promise.resolve();
    });
  }

  close(): Promise<void> {
    return this.#turns.alone(() => {
      this.#opened?.session.close();
      this.#opened = undefined;
      return Promise.resolve();
    });
  }

  #present(): Opened {
    if (this.#opened === undefined) throw new CodistillError('PROGRAM_CLOSED', say.compile.closed());
    return this.#opened;
  }

  #open(): Opened {
    const session = openSession(this.#config);
    return { session, variables: new SessionVariables(session), recordings: new Map(), imports: 0 };
  }

  /** A graph cannot shrink: when it has become large, its variables move to a new session, and what is used again is recorded again. */
  async #roomy(): Promise<Opened> {
    const full = this.#present();
    const recordings = [...full.recordings.values()].reduce((sum, { size }) => sum + size, 0);
    if (recordings < this.#mostRecordings) return full;
    await full.variables.pull();
    full.session.close();
    return (this.#opened = this.#open());
  }

  async #import(step: RecordableStep, signature: string, inputs: Named<Feed>, scalars: Named<number>): Promise<ImportedStep> {
    const deviceOf = this.#deviceOf;
    const trace = dropNoOps(record(this.#backend, step, inputs, scalars, { deviceOf }));
    if (!this.#audited.has(step)) {
      audit(trace, record(this.#backend, step, ...otherInputs(inputs, scalars), { deviceOf }), () => record(this.#backend, step, inputs, scalars, { lines: true }));
      this.#audited.add(step);
    }
    const opened = await this.#roomy();
    const { session, variables, recordings } = opened;
    const prefix = `step${opened.imports++}`;
    variables.add(trace, `${prefix}/variables`);
    const imported = importStep(session, fuseUpdates(flatten(trace, variables.flats)), prefix);
    const ofStep = recordings.get(step) ?? new Map<string, ImportedStep>();
    recordings.set(step, ofStep.set(signature, imported));
    return imported;
  }
}
