import { detach } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/**
 * `exp(x) / Σ exp(x)` over the last axis, in single steps: TensorFlow's own kernel may differ by a bit between a step that is recorded and one that
 * is not.
 *
 * @param x - any float tensor
 * @returns a tensor of its shape, which the caller disposes
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * softmax(tf.tensor2d([[0, 0]])); // [[0.5, 0.5]]
 */
export const softmax = <T extends tf.Tensor>(x: T): T =>
  tf.tidy(() => {
    const powers = tf.exp(tf.sub(x, detach(tf.max(x, -1, true))));
    return tf.div<T>(powers, tf.sum(powers, -1, true));
  });
