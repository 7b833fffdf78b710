import type { Kernel } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { allocate, floatsOf } from '../memory.ts';

interface ReductionAttributes {
  readonly axis?: number | readonly number[] | null;
  readonly keepDims?: boolean;
}

/** Rows a window sums in float32; a power of two, so that the pooling's division is exact. */
const WINDOW = 64;

/** Sums over all rows of `[rows, columns]`: of windows by average pooling, which is fast, and of their sums in float64. */
const columnSums = (x: tf.Tensor, rows: number, columns: number): Float64Array => {
  let window = 1;
  while (window < WINDOW && rows % (2 * window) === 0) window *= 2;
  const pooled = window === 1 ? x : tf.avgPool(tf.reshape<tf.Rank.R4>(x, [rows / window, window, 1, columns]), [window, 1], 1, 'valid');
  const [values, sums] = [floatsOf(pooled), new Float64Array(columns)];
  for (let at = 0; at < values.length; at += columns) {
    for (let c = 0; c < columns; c++) (sums[c] as number) += values[at + c] as number;
  }
  return sums.map((sum) => sum * window);
};

/** A stock reduction, but for float32 over all axes except the last: the statistics of batch norm, and gradients of biases. */
const reduction = (name: string, scaleOf: (rows: number) => number): Kernel => ({
  name,
  compute: (inputs, attributes: ReductionAttributes, stock) => {
    const x = inputs['x'] as tf.Tensor;
    const columns = x.shape.at(-1) ?? 0;
    const rows = columns === 0 ? 0 : x.size / columns;
    const axes = tf.util.parseAxisParam([...[attributes.axis ?? x.shape.map((_, axis) => axis)].flat()], x.shape);
    const leading = axes.length === x.rank - 1 && !axes.includes(x.rank - 1);
    if (!leading || x.dtype !== 'float32' || rows < 2) return stock(inputs, attributes);
    const sums = columnSums(x, rows, columns);
    const output = allocate(attributes.keepDims === true ? [...axes.map(() => 1), columns] : [columns]);
    floatsOf(output).set(sums.map((sum) => sum * scaleOf(rows)));
    return output;
  },
});

/**
 * Sums and means over all axes but the last, without the transposition by which the stock kernels begin: several times as fast,
 * and closer.
 *
 * @example
 * console.log(leadingReductions.map(({ name }) => name)); // ['Sum', 'Mean']
 */
export const leadingReductions: readonly Kernel[] = [reduction('Sum', () => 1), reduction('Mean', (rows) => 1 / rows)];
