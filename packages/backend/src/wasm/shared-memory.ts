import type { Kernel } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';
import { shared } from '../memory.ts';

/**
 * Kernels that copy on stock wasm and need not: `clone` (which every saved input and every variable goes through), and `cast` to
 * the type a tensor has.
 *
 * @example
 * console.log(sharedMemory.map(({ name }) => name)); // ['Identity', 'Cast']
 */
export const sharedMemory: readonly Kernel[] = [
  {
    name: 'Identity',
    compute: (inputs, attributes: object, stock) => {
      const x = inputs['x'] as tf.Tensor;
      return x.dtype === 'string' ? stock(inputs, attributes) : shared(x);
    },
  },
  {
    name: 'Cast',
    compute: (inputs, attributes: { readonly dtype: tf.DataType }, stock) => {
      const x = inputs['x'] as tf.Tensor;
      return x.dtype === attributes.dtype && x.dtype !== 'string' ? shared(x) : stock(inputs, attributes);
    },
  },
];
