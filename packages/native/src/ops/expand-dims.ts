import type { Kernel } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { DTYPE } from '../session/session.ts';
import { typeOf } from '../trace/variable-nodes.ts';
import { INT, execute } from './execute.ts';

/**
 * An axis of length 1. tfjs-node names no types, which TensorFlow finds out by itself, but not in a graph, so that a step which has one
 * could not be compiled.
 *
 * @example
 * console.log(expandDims.name); // 'ExpandDims'
 */
export const expandDims: Kernel = {
  name: 'ExpandDims',
  compute: (inputs, { dim }: { readonly dim: number }) => {
    const { input } = inputs as Readonly<Record<'input', tf.Tensor>>;
    return execute('ExpandDims', { T: ['TYPE', DTYPE[typeOf(input)]], Tdim: ['TYPE', INT] }, [input, tf.scalar(dim, 'int32')])[0] as tf.Tensor;
  },
};
