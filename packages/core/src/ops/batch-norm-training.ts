import * as tf from '@tensorflow/tfjs';

/**
 * What batch normalisation computes in training.
 *
 * @example
 * import type * as tf from '@tensorflow/tfjs';
 * const output = (normed: BatchNormed): tf.Tensor => normed.y;
 */
export interface BatchNormed {
  /** Normalised, scaled and shifted; the shape of x. */
  readonly y: tf.Tensor;
  /** Mean of the batch, `[channels]`, for moving averages. */
  readonly mean: tf.Tensor1D;
  /** Biased variance of the batch, `[channels]`, for moving averages. */
  readonly variance: tf.Tensor1D;
}

/**
 * Name of the tfjs kernel that a backend may register for {@link batchNormTraining}, with its gradient.
 *
 * - inputs: `{ x, gamma, beta }`
 * - attributes: `{ epsilon }`
 * - output: `[y, mean, variance]` as in {@link BatchNormed}, and then whatever its gradient likes to save. The gradient is asked
 *   for that of y only
 *
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const isFast = (tf.getKernel(BATCH_NORM_TRAINING, tf.getBackend()) as unknown) !== undefined;
 */
export const BATCH_NORM_TRAINING = 'CodistillBatchNormTraining';

/**
 * Batch normalisation with the statistics of the batch, over all axes but the last:
 * `y = γ x̂ + β`, `x̂ = (x − μ) / √(σ² + ε)`, with σ² the mean of `(x − μ)²`. Ioffe & Szegedy 2015, arXiv:1502.03167.
 *
 * The gradient is their §3, written out: it needs no tiling and half the time of the one tfjs derives.
 * `∂x = γ/√(σ²+ε) · (∂y − mean(∂y) − x̂ · mean(∂y ⊙ x̂))`, `∂γ = Σ ∂y ⊙ x̂`, `∂β = Σ ∂y`
 *
 * All sums are of centred values, so that a large mean costs no digits.
 *
 * @param x - float32, channels last, rank ≥ 2
 * @param gamma - `[channels]`
 * @param beta - `[channels]`
 * @param epsilon - added to the variance
 * @returns three tensors that the caller disposes
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const { y, mean } = batchNormTraining(tf.ones([8, 4]), tf.ones([4]), tf.zeros([4]), 1e-5);
 */
export const batchNormTraining = (x: tf.Tensor, gamma: tf.Tensor1D, beta: tf.Tensor1D, epsilon: number): BatchNormed =>
  tf.tidy(() => {
    if ((tf.getKernel(BATCH_NORM_TRAINING, tf.getBackend()) as tf.KernelConfig | undefined) !== undefined) {
      const outputs = tf.engine().runKernel(BATCH_NORM_TRAINING, { x, gamma, beta }, { epsilon }) as unknown as [tf.Tensor, tf.Tensor1D, tf.Tensor1D];
      const [y, mean, variance] = outputs;
      return { y, mean, variance };
    }
    const axes = x.shape.slice(0, -1).map((_, axis) => axis);
    // Made outside of the differentiated function, which sees them as constants: its gradient accounts for them.
    const mean = tf.mean<tf.Tensor1D>(x, axes);
    const centred = tf.sub(x, mean);
    const variance = tf.mean<tf.Tensor1D>(tf.square(centred), axes);
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    const normalise = tf.customGrad((...inputs: (tf.Tensor | tf.GradSaveFunc)[]) => {
      const [, γ, β, save] = inputs as [tf.Tensor, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc];
      save([centred, γ, inverse]);
      return {
        value: tf.add(tf.mul(centred, tf.mul(γ, inverse)), β),
        gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
          const [c, γ, inverse] = saved as [tf.Tensor, tf.Tensor1D, tf.Tensor1D];
          const count = c.size / inverse.size;
          const dβ = tf.sum(dy, axes);
          const dγ = tf.mul(tf.sum(tf.mul(dy, c), axes), inverse);
          // ∂x = k·∂y − a·c − b with one number of each per channel: four passes over the map instead of seven.
          const k = tf.mul(γ, inverse);
          const a = tf.mul(tf.mul(k, inverse), tf.div(dγ, count));
          const b = tf.mul(k, tf.div(dβ, count));
          return [tf.sub(tf.mul(dy, k), tf.add(tf.mul(c, a), b)), dγ, dβ];
        },
      };
    });
    return { y: normalise(x, gamma, beta), mean, variance };
  });
