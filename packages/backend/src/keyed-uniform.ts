import { KEYED_UNIFORM, uniform } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import type { Kernel } from './install-kernels.ts';
import { allocate, floatsOf, integersOf } from './wasm/heap.ts';

interface Draw {
  readonly shape: readonly number[];
  readonly stream: number;
}

const draw = (words: Int32Array, { shape, stream }: Draw): Float32Array => uniform([(words[0] ?? 0) >>> 0, (words[1] ?? 0) >>> 0], tf.util.sizeFromShape([...shape]), stream);

/**
 * `keyedUniform` of core for wasm: Threefry, written to the heap.
 *
 * @example
 * console.log(keyedUniformOnWasm.name); // 'CodistillKeyedUniform'
 */
export const keyedUniformOnWasm: Kernel = {
  name: KEYED_UNIFORM,
  compute: ({ key }, attributes: Draw) => {
    const output = allocate(attributes.shape);
    floatsOf(output).set(draw(integersOf(key as tf.Tensor), attributes));
    return output;
  },
};

/**
 * `keyedUniform` of core for cpu: the same bits.
 *
 * @example
 * console.log(keyedUniformOnCpu.name); // 'CodistillKeyedUniform'
 */
export const keyedUniformOnCpu: Kernel = {
  name: KEYED_UNIFORM,
  compute: ({ key }, attributes: Draw) => {
    const { data } = tf.backend() as unknown as { readonly data: { get(dataId: object): { readonly values: Int32Array } } };
    return tf.tensor(draw(data.get((key as tf.Tensor).dataId).values, attributes), [...attributes.shape]);
  },
};
