import { type Kernel, KEYED_UNIFORM, uniform } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { allocate, floatsOf, integersOf } from './memory.ts';

/**
 * `keyedUniform` of core: Threefry, from the key's words to the result without leaving the backend's memory.
 *
 * @example
 * console.log(keyedUniform.name); // 'CodistillKeyedUniform'
 */
export const keyedUniform: Kernel = {
  name: KEYED_UNIFORM,
  compute: ({ key }, { shape, stream }: { readonly shape: readonly number[]; readonly stream: number }) => {
    const output = allocate(shape);
    const [high, low] = integersOf(key as tf.Tensor);
    floatsOf(output).set(uniform([(high ?? 0) >>> 0, (low ?? 0) >>> 0], tf.util.sizeFromShape([...shape]), stream));
    return output;
  },
};
