import * as tf from '@tensorflow/tfjs';

/** `e` to this is 0 in float32, and differences of it with itself are 0 too. */
const EXCLUDED = -1e30;

/**
 * The class each label row names, as a mask; of a mixed label the largest share.
 *
 * @param y - label rows, `[batch, classes]`
 * @returns `[batch, classes]`, one 1 per row, else 0; the caller disposes it
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * targetClass(tf.tensor2d([[0.2, 0.8]])); // [[0, 1]]
 */
export const targetClass = (y: tf.Tensor): tf.Tensor => tf.oneHot(y.argMax(-1), y.shape.at(-1) ?? 1).cast('float32');

/**
 * What is at the target class, `[batch]`.
 *
 * @param x - finite numbers, `[batch, classes]`
 * @param target - of {@link targetClass}
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * atTarget(tf.tensor2d([[3, 4]]), tf.tensor2d([[1, 0]])); // [3]
 */
export const atTarget = (x: tf.Tensor, target: tf.Tensor): tf.Tensor => x.mul(target).sum(-1);

/**
 * Logits or log-probabilities with the target class taken out: exactly, whatever their size, so that its probability is 0.
 *
 * @param x - finite numbers, `[batch, classes]`
 * @param target - of {@link targetClass}
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * tf.softmax(withoutTarget(tf.tensor2d([[9, 1, 1]]), tf.tensor2d([[1, 0, 0]]))); // [0, 0.5, 0.5]
 */
export const withoutTarget = (x: tf.Tensor, target: tf.Tensor): tf.Tensor => x.mul(tf.sub(1, target)).add(target.mul(EXCLUDED));
