import * as tf from '@tensorflow/tfjs';
import type { Kernel } from '../install-kernels.ts';

/**
 * Sums of rows that belong to one segment, the gradient of `gather`, which the wasm backend lacks: a product with the
 * segments' indicator matrix.
 *
 * @example
 * console.log(unsortedSegmentSum.name); // 'UnsortedSegmentSum'
 */
export const unsortedSegmentSum: Kernel = {
  name: 'UnsortedSegmentSum',
  compute: ({ x, segmentIds }, { numSegments }: { readonly numSegments: number }) => {
    const [values, ids] = [x as tf.Tensor, segmentIds as tf.Tensor];
    const rows = ids.size;
    const inner = values.shape.slice(ids.rank);
    const indicator = tf.cast(tf.oneHot(tf.reshape<tf.Rank.R1>(ids, [rows]), numSegments, 1, 0, 'int32'), 'float32');
    return tf.reshape(tf.matMul(tf.transpose(indicator), tf.reshape(values, [rows, -1])), [numSegments, ...inner]);
  },
};
