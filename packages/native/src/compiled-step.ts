import { type Feed, type Named, type RecordableStep, unnamed } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { nativeBackend } from './trace/native-backend.ts';
import { NativeProgram, type NativeProgramOptions } from './program/program.ts';
import { Turns } from './program/turns.ts';

type Tensors = Readonly<Record<string, tf.Tensor>>;
type Scalars = Readonly<Record<string, tf.Scalar>>;

/** A number for each scalar tensor. */
type Numbers<S> = { readonly [name in keyof S]: number };

/**
 * A step to call: compiled where TensorFlow's backend runs, the same function elsewhere.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const lossOf = async (step: CallableStep<{ x: tf.Tensor }, { lr: tf.Scalar }, { loss: tf.Scalar }>, x: tf.Tensor): Promise<number> => {
 *   const { loss } = await step({ x }, { lr: 0.1 });
 *   const [value = NaN] = await loss.data();
 *   loss.dispose();
 *   return value;
 * };
 */
export interface CallableStep<Inputs extends Tensors = Tensors, Numeric extends Scalars = Scalars, Outputs extends Tensors = Tensors> {
  /**
   * Runs the step, after those called before it.
   *
   * @param inputs - of any shapes; the step is recorded once for each set of shapes. They stay the caller's
   * @param scalars - numbers that change from call to call; the step gets them as tensors
   * @returns what the step returned, which the caller disposes
   * @throws CodistillError `NOT_RECORDABLE`, naming the operation and the line that cannot be compiled; nothing has changed then
   */
  (inputs: Inputs, scalars: Numbers<Numeric>): Promise<Outputs>;
  /** Runs the step, and fetches nothing. */
  quiet(inputs: Inputs, scalars: Numbers<Numeric>): Promise<void>;
}

/**
 * Steps that share variables.
 *
 * While steps are compiled, the truth about their variables is in the program: `pull` before you save, export or read them, and
 * `push` after you assigned to them yourself.
 *
 * @example
 * const finish = async (program: Program): Promise<void> => { await program.pull(); await program.close(); };
 */
export interface Program {
  /** Whether steps are compiled. */
  readonly compiled: boolean;
  /** Makes a step callable; it is compiled when it is first called. */
  step<Inputs extends Tensors, Numeric extends Scalars, Outputs extends Tensors>(
    step: (inputs: Inputs, scalars: Numeric) => Outputs,
  ): CallableStep<Inputs, Numeric, Outputs>;
  /** Brings the program's variables into tfjs's. */
  pull(): Promise<void>;
  /** Brings tfjs's variables into the program's. */
  push(): Promise<void>;
  /** Frees the program after the runs under way. Variables keep what was pulled. */
  close(): Promise<void>;
}

const feedOf = (tensor: tf.Tensor): Feed => ({
  dtype: tensor.dtype === 'int32' || tensor.dtype === 'bool' ? tensor.dtype : 'float32',
  shape: tensor.shape,
  values: tensor.dataSync<Feed['dtype']>(),
});

const tensorOf = ({ values, shape, dtype }: Feed): tf.Tensor => tf.tensor(values, [...shape], dtype);

const mapped = <A, B>(values: Named<A>, f: (value: A) => B): Record<string, B> => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, f(value)]));

/** How a step is run, whatever its types: they are put back on by {@link callable}. */
type Run = (inputs: Tensors, scalars: Named<number>, quiet: boolean) => Promise<Tensors>;

const callable = <Inputs extends Tensors, Numeric extends Scalars, Outputs extends Tensors>(run: Run): CallableStep<Inputs, Numeric, Outputs> =>
  Object.assign((inputs: Inputs, scalars: Numbers<Numeric>) => run(inputs, scalars, false) as Promise<Outputs>, {
    quiet: async (inputs: Inputs, scalars: Numbers<Numeric>): Promise<void> => {
      await run(inputs, scalars, true);
    },
  });

const compiledProgram = (program: NativeProgram): Program => ({
  compiled: true,
  step: (step) => {
    const compiled = program.compile(step as unknown as RecordableStep);
    return callable(async (inputs, scalars, quiet) => mapped(await compiled.run(mapped(inputs, feedOf), scalars, { quiet }), tensorOf));
  },
  pull: () => program.pull(),
  push: () => program.push(),
  close: () => program.close(),
});

const eagerProgram = (): Program => {
  const turns = new Turns();
  const nothing = (): Promise<void> => turns.alone(() => Promise.resolve());
  return {
    compiled: false,
    step: (step) =>
      callable((inputs, scalars, quiet) =>
        turns.alone(async () => {
          const outputs = await Promise.resolve(tf.tidy(() => (step as unknown as RecordableStep)(inputs, mapped(scalars, (value) => tf.scalar(value)), unnamed) as Record<string, tf.Tensor>));
          if (!quiet) return outputs;
          tf.dispose(outputs);
          return {};
        }),
      ),
    pull: nothing,
    push: nothing,
    close: nothing,
  };
};

/**
 * Opens a program for the backend in use: compiled on TensorFlow's, the same functions called one after the other on any other.
 *
 * @throws CodistillError `NATIVE_ABSENT`, `NATIVE_SESSION`, `DEVICE_UNKNOWN`
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const program = openProgram();
 * const measure = program.step(({ x }: { x: tf.Tensor }) => ({ mean: tf.mean(x) }));
 * const { mean } = await measure({ x: tf.ones([4]) }, {});
 * await program.close();
 */
export const openProgram = (options: NativeProgramOptions = {}): Program => {
  const backend = nativeBackend();
  return backend === undefined ? eagerProgram() : compiledProgram(new NativeProgram(backend, options));
};

/**
 * Compiles a tfjs step: what `tf.function` is to TensorFlow's Python. The step is executed twice, with two sets of values, while
 * TensorFlow is watched, and from then on runs as one graph. What would be frozen in it is an error.
 *
 * @param step - pure but for the variables it assigns to, which exist before it is called
 * @param program - where several steps share variables, such as training and evaluation; default: one of its own
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const w = tf.variable<tf.Rank.R2>(tf.ones([3, 1]));
 * const step = compiledStep(({ x }: { x: tf.Tensor2D }, { lr }: { lr: tf.Scalar }) => {
 *   const { value, grads } = tf.variableGrads(() => tf.matMul(x, w).square().mean(), [w]);
 *   w.assign(tf.sub(w, tf.mul(grads[w.name] ?? 0, lr)));
 *   return { loss: value };
 * });
 * const { loss } = await step({ x: tf.ones([8, 3]) }, { lr: 0.1 });
 * await step.pull();
 * await step.close();
 */
export const compiledStep = <Inputs extends Tensors, Numeric extends Scalars, Outputs extends Tensors>(
  step: (inputs: Inputs, scalars: Numeric) => Outputs,
  program: Program = openProgram(),
): CallableStep<Inputs, Numeric, Outputs> & Omit<Program, 'step'> =>
  Object.assign(program.step(step), { compiled: program.compiled, pull: () => program.pull(), push: () => program.push(), close: () => program.close() });
