import type { Normalisation } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/**
 * `x · scale + offset`, per channel.
 *
 * @example
 * const identity: Affine = { scale: [1], offset: [0] };
 */
export interface Affine {
  readonly scale: readonly number[];
  readonly offset: readonly number[];
}

/**
 * The map between two normalisations of the same input: `(x·σ + μ − μ′) / σ′`.
 *
 * @param applied - what the loader did
 * @param wanted - what the model's weights expect; `null` for the same
 * @returns `null` where nothing is to be done
 * @example
 * affineOf({ mean: [0.5], std: [0.5] }, { mean: [0], std: [1] }); // { scale: [0.5], offset: [0.5] }
 */
export const affineOf = (applied: Normalisation, wanted: Normalisation | null): Affine | null => {
  if (wanted === null || JSON.stringify(wanted) === JSON.stringify({ mean: applied.mean, std: applied.std })) return null;
  const channel = (values: readonly number[], index: number): number => values[index % values.length] ?? 0;
  const channels = Math.max(applied.mean.length, wanted.mean.length);
  const each = (f: (index: number) => number): number[] => Array.from({ length: channels }, (_, index) => f(index));
  return {
    scale: each((index) => channel(applied.std, index) / channel(wanted.std, index)),
    offset: each((index) => (channel(applied.mean, index) - channel(wanted.mean, index)) / channel(wanted.std, index)),
  };
};

/**
 * Applies an affine map to a batch, channels last.
 *
 * @returns a new tensor, or `input` itself where `affine` is `null`
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * applyAffine(tf.ones([1, 2, 2, 1]), { scale: [2], offset: [1] });
 */
export const applyAffine = (input: tf.Tensor, affine: Affine | null): tf.Tensor =>
  affine === null ? input : tf.add(tf.mul(input, tf.tensor1d([...affine.scale])), tf.tensor1d([...affine.offset]));
