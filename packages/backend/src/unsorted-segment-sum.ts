import type { Kernel } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { allocate, floatsOf, integersOf, tensorOf } from './memory.ts';

/**
 * Sums of rows that belong to one segment, the gradient of `gather`. The wasm backend lacks it; the stock cpu kernel goes through
 * all rows once per segment. Rows of a segment that does not exist (−1) count nowhere.
 *
 * @example
 * console.log(unsortedSegmentSum.name); // 'UnsortedSegmentSum'
 */
export const unsortedSegmentSum: Kernel = {
  name: 'UnsortedSegmentSum',
  compute: ({ x, segmentIds }, { numSegments }: { readonly numSegments: number }) => {
    const [values, ids] = [x as tf.Tensor, segmentIds as tf.Tensor];
    const floats = values.dtype === 'float32' ? values : tf.cast(values, 'float32');
    const inner = values.shape.slice(ids.rank);
    const width = tf.util.sizeFromShape(inner);
    const output = allocate([numSegments, ...inner]);
    const [rows, segments, sums] = [floatsOf(floats), integersOf(ids), new Float64Array(numSegments * width)];
    segments.forEach((segment, row) => {
      if (segment < 0 || segment >= numSegments) return;
      for (let at = 0; at < width; at++) (sums[segment * width + at] as number) += rows[row * width + at] as number;
    });
    floatsOf(output).set(sums);
    return values.dtype === 'float32' ? output : tf.cast(tensorOf(output), values.dtype);
  },
};
