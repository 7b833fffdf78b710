import type { Kernel } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { type Program, runProgram } from './run-program.ts';

const TO_FLOAT: Program = { name: 'toFloat', inputs: ['X'], code: 'setOutputAtIndex(index, f32(X[index]));' };

interface Backend {
  readonly tensorMap: { get(dataId: object): { readonly values?: ArrayLike<number> | null; readonly resource?: unknown } };
}

/**
 * Integers and booleans as float32. The stock kernel only changes the tensor's type and leaves integers in its memory, which
 * shaders that copy elements, such as that of transposing, then refuse: their results are zeros.
 *
 * @example
 * console.log(cast.name); // 'Cast'
 */
export const cast: Kernel = {
  name: 'Cast',
  compute: (inputs, attributes: { readonly dtype: tf.DataType }, stock) => {
    const { x } = inputs as Readonly<Record<'x', tf.Tensor>>;
    if (attributes.dtype !== 'float32' || (x.dtype !== 'int32' && x.dtype !== 'bool')) return stock(inputs, attributes);
    const { values, resource } = (tf.backend() as unknown as Backend).tensorMap.get(x.dataId);
    // What has not been uploaded stays on the host.
    if ((resource ?? null) === null && values) return tf.tensor(Float32Array.from(values), x.shape);
    return runProgram(TO_FLOAT, [x], x.shape);
  },
};
