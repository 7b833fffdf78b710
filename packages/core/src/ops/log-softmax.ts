import * as tf from '@tensorflow/tfjs';

/**
 * Name of the tfjs kernel that a backend may register for {@link logSoftmax}, with its gradient: input `x`, no attributes.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const isFast = (tf.getKernel(LOG_SOFTMAX, tf.getBackend()) as unknown) !== undefined;
 */
export const LOG_SOFTMAX = 'CodistillLogSoftmax';

/**
 * `log softmax(x)` over the last axis, `x − log Σ exp(x)`, exact for large logits: in one kernel where the backend has it, as tfjs
 * composes it elsewhere. All of cross-entropy, KD and mutual learning is made of it.
 *
 * @param x - float32, any shape but a scalar
 * @returns a tensor of the same shape, which the caller disposes
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * logSoftmax(tf.tensor2d([[0, 0]])); // [[-0.693, -0.693]]
 */
export const logSoftmax = <T extends tf.Tensor>(x: T): T =>
  (tf.getKernel(LOG_SOFTMAX, tf.getBackend()) as tf.KernelConfig | undefined) === undefined ? tf.logSoftmax(x) : tf.engine().runKernel(LOG_SOFTMAX, { x });
