import * as tf from '@tensorflow/tfjs';

/** The largest integer of a symmetric width: `2^(bits − 1) − 1`. */
const largest = (bits: number): number => 2 ** (bits - 1) - 1;

/** The number of steps of an unsigned width: `2^bits − 1`. */
export const stepsOf = (bits: number): number => 2 ** bits - 1;

/** `f(x)`, whose gradient is that of x: the straight-through estimator, Bengio et al. 2013, arXiv:1308.3432. */
const straightThrough = (x: tf.Tensor, f: (x: tf.Tensor) => tf.Tensor): tf.Tensor =>
  tf.customGrad((input) => ({ value: f(input as tf.Tensor), gradFunc: (dy) => dy }))(x);

/** To the nearest integer, halves up; the difference from `tf.round` is that every backend computes this one alike. */
const nearest = (x: tf.Tensor): tf.Tensor => tf.floor(tf.add(x, 0.5));

/** A kernel in integers, and the steps they count. */
export interface Quantised {
  /** Whole numbers within `±largest(bits)`, as float32, of the kernel's shape. */
  readonly integers: tf.Tensor;
  /** Of the kernel's rank, broadcast over it. */
  readonly scales: tf.Tensor;
}

/**
 * A kernel in integers: `n = clamp(⌊w / s + ½⌋, ±q)` with `q = 2^(bits − 1) − 1`. The step `s` is `max|w| / q`, so that nothing is
 * cut off, or `2 mean|w| / √q` where that is less: at two or three bits a step of the largest weight would round most others to 0.
 *
 * @param kernel - float32
 * @param bits - 2 to 8
 * @param axes - over which a step is shared
 * @returns tensors that the caller disposes
 */
export const integersOf = (kernel: tf.Tensor, bits: number, axes: readonly number[]): Quantised =>
  tf.tidy(() => {
    const q = largest(bits);
    // No division by a constant here or below: graph compilers turn it into this product, and a weight may round the other way.
    const size = tf.abs(kernel);
    const steps = tf.minimum(tf.mul(tf.max(size, [...axes], true), 1 / q), tf.mul(tf.mean(size, [...axes], true), 2 / Math.sqrt(q)));
    // A kernel of zeros has no step.
    const scales = tf.maximum(steps, 1e-20);
    return { integers: tf.clipByValue(nearest(tf.div(kernel, scales)), -q, q), scales };
  });

/** The weights that {@link integersOf} stand for, `n · s`; the gradient is the kernel's own. */
export const quantiseKernel = (kernel: tf.Tensor, bits: number, axes: readonly number[]): tf.Tensor =>
  straightThrough(kernel, (weights) =>
    tf.tidy(() => {
      const { integers, scales } = integersOf(weights, bits, axes);
      return tf.mul(integers, scales);
    }),
  );

/** The clip is kept above this, so that there is a step to count. */
const LEAST_CLIP = 1e-3;

/**
 * Activations in `2^bits − 1` steps from 0 to a clip: `y = min(x, α)`, `ŷ = ⌊y n / α + ½⌋ α / n` with `n = 2^bits − 1`. Choi et al. 2018,
 * "PACT: parameterized clipping activation for quantized neural networks", arXiv:1805.06085: `∂ŷ/∂α` is 1 where x is cut off, else 0,
 * and `∂ŷ/∂x` the opposite.
 *
 * @param x - not negative
 * @param clip - α, one number
 * @param bits - 1 to 8
 */
export const quantiseActivations = (x: tf.Tensor, clip: tf.Tensor, bits: number): tf.Tensor =>
  tf.tidy(() => {
    const alpha = tf.maximum(tf.reshape(clip, []), LEAST_CLIP);
    const n = stepsOf(bits);
    // min(x, α), with the gradient of α that tf.minimum lacks where it broadcasts.
    const clipped = tf.sub(x, tf.relu(tf.sub(x, alpha)));
    return straightThrough(clipped, (y) => tf.tidy(() => tf.mul(nearest(tf.mul(y, tf.div(n, alpha))), tf.mul(alpha, 1 / n))));
  });

/** The factors by which {@link quantiseActivations} counts steps, `n / α`, and steps back, `α / n`. */
export const stepFactors = (clip: tf.Tensor, bits: number): { readonly count: tf.Tensor; readonly back: tf.Tensor } =>
  tf.tidy(() => {
    const alpha = tf.maximum(tf.reshape(clip, []), LEAST_CLIP);
    return { count: tf.div(stepsOf(bits), alpha), back: tf.mul(alpha, 1 / stepsOf(bits)) };
  });
