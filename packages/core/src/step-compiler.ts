import type * as tf from '@tensorflow/tfjs';
import type { Named } from './json.ts';

/**
 * A tensor's worth of host memory on its way into or out of a compiled step, row-major.
 *
 * @example
 * const key: Feed = { dtype: 'int32', shape: [2], values: new Int32Array([1, 2]) };
 */
export interface Feed {
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly shape: readonly number[];
  /** As many elements as `shape` says; booleans are bytes. */
  readonly values: Float32Array | Int32Array | Uint8Array;
}

/**
 * Computes under the name of a part, so that who records a step can say where in it something stands.
 *
 * @example
 * const loss = (within: Within, x: number): number => within('the square', () => x * x);
 */
export type Within = <T>(part: string, compute: () => T) => T;

/**
 * Where nobody records, nobody wants to know.
 *
 * @example
 * unnamed('the square', () => 2 * 2); // 4
 */
export const unnamed: Within = (_, compute) => compute();

/**
 * What can be compiled: a pure function of tensors but for variables that existed before it. It reads no value, makes no variable
 * and draws nothing on the host; numbers that change from call to call arrive as `scalars`.
 *
 * @param inputs - tensors that belong to the caller
 * @param scalars - float32 tensors without axes
 * @param within - names the parts of the step, for sentences; a step need not use it
 * @returns tensors by name, which the caller disposes
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const mean: RecordableStep = ({ x }, { weight }) => ({ loss: tf.mul(tf.mean(x ?? 0), weight ?? 1) });
 */
export type RecordableStep = (inputs: Readonly<Record<string, tf.Tensor>>, scalars: Readonly<Record<string, tf.Scalar>>, within: Within) => Readonly<Record<string, tf.Tensor>>;

/**
 * A step that runs as a whole, recorded anew for each new set of shapes.
 *
 * @example
 * const lossOf = async (step: CompiledStep, x: Feed): Promise<number> => Number((await step.run({ x }, {}))['loss']?.values[0]);
 */
export interface CompiledStep {
  /**
   * Runs the step: asynchronously, one step that writes variables after the other, in the order of the calls.
   *
   * @param inputs - not to be changed before the run has ended
   * @param options - `quiet`: nothing is fetched, and the result is empty
   * @returns what the step returned, on the host
   * @throws CodistillError `NOT_RECORDABLE`, naming what in the step cannot be recorded; nothing has run then
   */
  run(inputs: Named<Feed>, scalars: Named<number>, options?: { readonly quiet?: boolean }): Promise<Named<Feed>>;
}

/**
 * Compiled steps that share variables. While it is open, the truth about every variable that its steps use is in the program:
 * what tfjs holds is as old as the last `pull`.
 *
 * @example
 * const finish = async (program: StepProgram): Promise<void> => { await program.pull(); await program.close(); };
 */
export interface StepProgram {
  /** Takes a step in; nothing happens before it runs. */
  compile(step: RecordableStep): CompiledStep;
  /** Brings the program's variables into tfjs's: before they are saved, exported or read. */
  pull(): Promise<void>;
  /** Brings tfjs's variables into the program's: after they were assigned outside of it. */
  push(): Promise<void>;
  /** Frees the program after the runs under way; variables keep what was pulled. A second call does nothing. */
  close(): Promise<void>;
}

/**
 * How a program is set up.
 *
 * @example
 * const options: ProgramOptions = { devices: ['/GPU:0', '/GPU:1'], deviceOf: (variable) => (variable.name.startsWith('b') ? '/GPU:1' : '/GPU:0') };
 */
export interface ProgramOptions {
  /** Devices that steps may be placed on, such as `'/GPU:0'`; default: the backend's choice. */
  readonly devices?: readonly string[];
  /** The one of `devices` a variable lives on. What is computed of it follows it there. */
  readonly deviceOf?: (variable: tf.Variable) => string | undefined;
}

/**
 * What a backend offers that can run a step as a whole, instead of one operation after the other.
 *
 * @example
 * const open = (compiler: StepCompiler): StepProgram => compiler.open();
 */
export interface StepCompiler {
  /**
   * @throws CodistillError `DEVICE_UNKNOWN`
   */
  open(options?: ProgramOptions): StepProgram;
}
