import * as tf from '@tensorflow/tfjs';

/**
 * The mean over all axes but the first: `[batch, ...] → [batch]`, so that pixels count as parts of their example.
 *
 * @param x - a tensor of any rank ≥ 1
 * @returns a tensor that the caller disposes; x itself where there is nothing to average
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * perExample(tf.tensor2d([[1, 3], [5, 7]])); // [2, 6]
 */
export const perExample = (x: tf.Tensor): tf.Tensor => (x.rank === 1 ? x : tf.mean(x, Array.from({ length: x.rank - 1 }, (_, axis) => axis + 1)));
