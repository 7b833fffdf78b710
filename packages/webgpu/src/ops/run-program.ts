import * as tf from '@tensorflow/tfjs';

/** Threads of a group: what tfjs's own programs take. */
const GROUP = 64;

/**
 * A program of one thread per element of its result.
 *
 * @example
 * const twice: Program = { name: 'twice', inputs: ['X'], code: 'setOutputAtIndex(index, 2.0 * X[index]);' };
 */
export interface Program {
  /** Tells its shader from others: no two that differ have the same. */
  readonly name: string;
  /** Names of the input buffers. */
  readonly inputs: readonly string[];
  /** Functions beside the program. */
  readonly functions?: string;
  /** WGSL that computes the element `index`, of which there are `uniforms.size`. */
  readonly code: string;
  /** Names of integers that differ from call to call. */
  readonly uniforms?: readonly string[];
}

interface Backend {
  runWebGPUProgram(program: object, inputs: readonly tf.TensorInfo[], dtype: tf.DataType, uniforms: readonly { readonly type: 'int32'; readonly data: readonly number[] }[]): tf.TensorInfo;
  readonly device: { readonly limits: { readonly maxComputeWorkgroupsPerDimension: number } };
}

/** Groups along x, y and z: one axis alone holds no more than a device allows. */
const dispatchOf = (groups: number, most: number): [number, number, number] => {
  if (groups <= most) return [groups, 1, 1];
  const x = Math.ceil(Math.sqrt(groups));
  if (x <= most) return [x, Math.ceil(groups / x), 1];
  const side = Math.ceil(Math.cbrt(groups));
  return [side, side, Math.ceil(groups / side / side)];
};

/**
 * Runs a program of ours on the webgpu backend.
 *
 * @param inputs - in the order of the program's
 * @param uniforms - in the order of the program's
 * @returns float32, for a kernel to return
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * declare const twice: Program;
 * const result = runProgram(twice, [tf.ones([3])], [3]);
 */
export const runProgram = ({ name, inputs: variableNames, functions = '', code, uniforms: names = [] }: Program, inputs: readonly tf.TensorInfo[], shape: readonly number[], uniforms: readonly number[] = []): tf.TensorInfo => {
  const backend = tf.backend() as unknown as Backend;
  const outputShape = [...shape];
  const groups = Math.ceil(tf.util.sizeFromShape(outputShape) / GROUP);
  const program = {
    variableNames,
    outputShape,
    dispatchLayout: { x: outputShape.map((_, axis) => axis) },
    dispatch: dispatchOf(groups, backend.device.limits.maxComputeWorkgroupsPerDimension),
    workgroupSize: [GROUP, 1, 1],
    size: true,
    uniforms: names.map((each) => `${each} : i32,`).join(' '),
    shaderKey: `codistill_${name}`,
    getUserCode: () => `${functions}
      fn main(index : i32) {
        if (index < uniforms.size) {
          ${code}
        }
      }`,
  };
  return backend.runWebGPUProgram(program, inputs, 'float32', uniforms.map((value) => ({ type: 'int32', data: [value] })));
};
