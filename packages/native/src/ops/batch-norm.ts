import { BATCH_NORM_TRAINING, type Kernel } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { type Attributes, FLOAT, execute } from './execute.ts';

const GRADIENT = `${BATCH_NORM_TRAINING}Grad`;

const attributesOf = (epsilon: number): Attributes => ({
  T: ['TYPE', FLOAT],
  U: ['TYPE', FLOAT],
  epsilon: ['FLOAT', epsilon],
  data_format: ['STRING', 'NHWC'],
  is_training: ['BOOL', true],
});

/** TensorFlow normalises maps; all axes but the last are alike to it. */
const asMap = (x: tf.Tensor): tf.Tensor => (x.rank === 4 ? x : tf.reshape(x, [-1, 1, 1, x.shape.at(-1) ?? 1]));

const shaped = (y: tf.Tensor, shape: number[]): tf.Tensor => (y.rank === shape.length ? y : tf.reshape(y, shape));

/**
 * `batchNormTraining` of core, in one kernel each way: `FusedBatchNormV3` and its gradient.
 *
 * @example
 * console.log(batchNorm.map(({ name }) => name)); // ['CodistillBatchNormTraining', 'CodistillBatchNormTrainingGrad']
 */
export const batchNorm: readonly Kernel[] = [
  {
    name: BATCH_NORM_TRAINING,
    compute: (inputs, { epsilon }: { readonly epsilon: number }) => {
      const { x, gamma, beta } = inputs as Readonly<Record<'x' | 'gamma' | 'beta', tf.Tensor>>;
      const none = tf.tensor1d([], 'float32');
      const [y, mean, unbiased, ...saved] = execute('FusedBatchNormV3', attributesOf(epsilon), [asMap(x), gamma, beta, none, none], 6) as [tf.Tensor, tf.Tensor, tf.Tensor, ...tf.Tensor[]];
      // The biased one is among what is saved for the gradient, but on GPUs in another form.
      const count = x.size / gamma.size;
      return [shaped(y, x.shape), mean, tf.mul(unbiased, (count - 1) / count), ...saved];
    },
  },
  {
    name: GRADIENT,
    compute: (inputs, { epsilon }: { readonly epsilon: number }) => {
      const { dy, x, gamma, mean, variance, extra } = inputs as Readonly<Record<'dy' | 'x' | 'gamma' | 'mean' | 'variance' | 'extra', tf.Tensor>>;
      const [dx, dgamma, dbeta] = execute('FusedBatchNormGradV3', attributesOf(epsilon), [asMap(dy), asMap(x), gamma, mean, variance, extra], 5) as [tf.Tensor, tf.Tensor, tf.Tensor];
      return [shaped(dx, x.shape), dgamma, dbeta];
    },
  },
];

/**
 * Tells tfjs the gradient of {@link batchNorm}.
 *
 * @example
 * useBatchNormGradient();
 */
export const useBatchNormGradient = (): void => {
  if ((tf.getGradient(BATCH_NORM_TRAINING) as tf.GradConfig | undefined) !== undefined) return;
  tf.registerGradient({
    kernelName: BATCH_NORM_TRAINING,
    inputsToSave: ['x', 'gamma'],
    outputsToSave: [false, false, false, true, true, true],
    gradFunc: (dys, saved, attributes) => {
      const [dy] = dys as [tf.Tensor];
      const [x, gamma, mean, variance, extra] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      const inputs = { dy, x, gamma, mean, variance, extra };
      const [dx, dgamma, dbeta] = tf.engine().runKernel(GRADIENT, inputs, attributes) as unknown as [tf.Tensor, tf.Tensor, tf.Tensor];
      return { x: () => dx, gamma: () => dgamma, beta: () => dbeta };
    },
  });
};
