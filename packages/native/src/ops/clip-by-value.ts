import type { Kernel } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { FLOAT, INT, execute } from './execute.ts';

/**
 * TensorFlow's clipping, which tfjs-node composes of two kernels.
 *
 * @example
 * console.log(clipByValue.name); // 'ClipByValue'
 */
export const clipByValue: Kernel = {
  name: 'ClipByValue',
  compute: (inputs, { clipValueMin, clipValueMax }: { readonly clipValueMin: number; readonly clipValueMax: number }) => {
    const { x } = inputs as Readonly<Record<'x', tf.Tensor>>;
    const dtype = x.dtype === 'int32' ? 'int32' : 'float32';
    const bounds = [tf.scalar(clipValueMin, dtype), tf.scalar(clipValueMax, dtype)];
    return execute('ClipByValue', { T: ['TYPE', dtype === 'int32' ? INT : FLOAT] }, [x, ...bounds])[0] as tf.Tensor;
  },
};
