import { batchNormTraining, filled, fold, type HostArray, type Key, type Named, normal, type TermContext } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/** Added to variances. */
const ε = 1e-5;
/** How much of a moving average a step keeps. */
const KEEP = 0.9;

/**
 * First weights of a convolution, `N(0, 2/fan-in)` (He et al. 2015, arXiv:1502.01852).
 *
 * @param key - same key, same weights
 * @param shape - `[height, width, channels, width]`
 * @example
 * convKernel([0, 1], [3, 3, 8, 16]).values.length; // 1152
 */
export const convKernel = (key: Key, shape: readonly [number, number, number, number]): HostArray => {
  const [height, width, channels, made] = shape;
  const spread = Math.sqrt(2 / (height * width * channels));
  return { shape, values: normal(key, height * width * channels * made).map((z) => z * spread) };
};

/**
 * Parameters of a convolution without bias, followed by batch normalisation: `<name>/kernel`, `<name>/gamma`, `<name>/beta`.
 *
 * @param name - what their names begin with
 * @param key - of the term
 * @param shape - of the kernel, `[height, width, channels, width]`
 * @example
 * Object.keys(convNormParameters('reduce', [0, 1], [1, 1, 8, 4])); // ['reduce/kernel', 'reduce/gamma', 'reduce/beta']
 */
export const convNormParameters = (name: string, key: Key, shape: readonly [number, number, number, number]): Named<HostArray> => ({
  [`${name}/kernel`]: convKernel(fold(key, `${name}/kernel`), shape),
  [`${name}/gamma`]: filled([shape[3]], 1),
  [`${name}/beta`]: filled([shape[3]]),
});

/**
 * Moving averages of a batch normalisation: `<name>/mean`, `<name>/variance`.
 *
 * @example
 * Object.keys(convNormBuffers('reduce', 4)); // ['reduce/mean', 'reduce/variance']
 */
export const convNormBuffers = (name: string, width: number): Named<HostArray> => ({
  [`${name}/mean`]: filled([width]),
  [`${name}/variance`]: filled([width], 1),
});

/**
 * `BN(x ∗ K)`: a convolution of stride 1 that keeps the size, normalised with the statistics of the batch.
 *
 * @param x - `[batch, height, width, channels]`
 * @param name - of its parameters
 * @param context - lends them
 * @param moving - whether moving averages are kept in `<name>/mean` and `<name>/variance`, for use without a batch
 * @returns `[batch, height, width, made]`; the caller disposes it
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const reduce = (x: tf.Tensor4D, context: TermContext): tf.Tensor4D => tf.relu(convNorm(x, 'reduce', context));
 */
export const convNorm = (x: tf.Tensor4D, name: string, context: TermContext, moving = false): tf.Tensor4D => {
  const of = (part: string): tf.Variable => context.variable(`${name}/${part}`);
  const convolved = tf.conv2d(x, of('kernel') as tf.Tensor as tf.Tensor4D, 1, 'same');
  const { y, mean, variance } = batchNormTraining(convolved, of('gamma') as tf.Tensor as tf.Tensor1D, of('beta') as tf.Tensor as tf.Tensor1D, ε);
  if (moving) {
    of('mean').assign(of('mean').mul(KEEP).add(mean.mul(1 - KEEP)));
    of('variance').assign(of('variance').mul(KEEP).add(variance.mul(1 - KEEP)));
  }
  return y as tf.Tensor4D;
};
