import { type Kernel, LOG_SOFTMAX } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { FLOAT, execute } from './execute.ts';

/**
 * `logSoftmax` of core in one kernel, where tfjs composes six.
 *
 * @example
 * console.log(logSoftmax.name); // 'CodistillLogSoftmax'
 */
export const logSoftmax: Kernel = {
  name: LOG_SOFTMAX,
  compute: ({ x }) => execute('LogSoftmax', { T: ['TYPE', FLOAT] }, [x as tf.Tensor])[0] as tf.Tensor,
};

/**
 * Tells tfjs the gradient of {@link logSoftmax}: `∂x = ∂y − softmax(x) Σ ∂y`.
 *
 * @example
 * useLogSoftmaxGradient();
 */
export const useLogSoftmaxGradient = (): void => {
  if ((tf.getGradient(LOG_SOFTMAX) as tf.GradConfig | undefined) !== undefined) return;
  tf.registerGradient({
    kernelName: LOG_SOFTMAX,
    outputsToSave: [true],
    gradFunc: (dy, saved) => {
      const [y] = saved as [tf.Tensor];
      return { x: () => tf.sub(dy as tf.Tensor, tf.mul(tf.exp(y), tf.sum(dy as tf.Tensor, -1, true))) };
    },
  });
};
