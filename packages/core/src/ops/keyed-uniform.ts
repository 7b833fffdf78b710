import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../host-array.ts';
import { threefry } from '../key.ts';

/**
 * Name of the tfjs kernel that a backend may register for {@link keyedUniform}.
 *
 * - inputs: `{ key }`, int32 `[2]`, the two words of a key as signed integers; it may be read by the kernel, never by its caller
 * - attributes: `{ shape, stream }`, the output's shape and a non-negative integer
 * - output: one float32 tensor of `shape`, whose element i in row-major order is `uniform(key, n, stream)[i]` of this package,
 *   to the bit: word `i mod 2` of the Threefry block of `key` at counter `[stream, i div 2]`, shifted right by 8, over 2²⁴
 *
 * The gradient is 0 and none need be registered.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const isFast = (tf.getKernel(KEYED_UNIFORM, tf.getBackend()) as unknown) !== undefined;
 */
export const KEYED_UNIFORM = 'CodistillKeyedUniform';

/** Numbers of a half, 2¹²: the product of two halves is below 2²⁴, where float32 is exact. */
const HALF = 4096;

/** Each of the key's six limbs enters twice. Eight rounds show a correlation between keys that count up, ten do not. */
const ROUNDS = 12;

/** x mod 2¹² for integers in float32, exactly: only powers of two multiply. */
const fold = (x: tf.Tensor): tf.Tensor => tf.sub(x, tf.mul(tf.floor(tf.mul(x, 1 / HALF)), HALF));

/** The 64 bits of the key as numbers below 2¹², three per word, `[6]`: float32 would round a word. */
const limbsOf = (key: tf.Tensor1D): tf.Tensor => {
  const high = tf.floor(tf.mul(tf.cast(key, 'float32'), 2 ** -16));
  const low = tf.cast(tf.sub(key, tf.mul(tf.cast(high, 'int32'), tf.scalar(2 ** 16, 'int32'))), 'float32');
  const tops = tf.add(tf.floor(tf.mul(low, 1 / HALF)), tf.mul(tf.floor(tf.mul(high, 1 / HALF)), 64));
  return fold(tf.concat([low, high, tops]));
};

/**
 * A Feistel network over the 24 bits of the element's number: halves are swapped, and to one is added the middle of the square of
 * the other plus a round key. From operations every backend has, on integers that float32 holds exactly.
 */
const portable = (key: tf.Tensor1D, size: number, stream: number): tf.Tensor1D => {
  const columns = Math.min(size, HALF);
  const rows = Math.ceil(size / columns);
  const constants = Array.from({ length: ROUNDS }, (_, round) => threefry([0, 0], [stream, round])[0] >>> 20);
  const limbs = limbsOf(key);
  const roundKeys = tf.unstack(fold(tf.add(tf.concat([limbs, limbs]), tf.tensor1d(constants))));
  const row = tf.range(0, rows, 1, 'float32').reshape([rows, 1]);
  // What lies above 24 bits of the element's number shifts the key.
  const above = tf.floor(tf.mul(row, 1 / HALF));
  let [left, right]: [tf.Tensor, tf.Tensor] = [fold(row), tf.range(0, columns, 1, 'float32').reshape([1, columns])];
  for (const roundKey of roundKeys) {
    const half = fold(tf.add(tf.add(right, roundKey), above));
    [left, right] = [right, fold(tf.add(left, tf.floor(tf.mul(tf.mul(half, tf.add(half, 1)), 1 / 64))))];
  }
  const fraction = tf.mul(tf.add(tf.mul(left, HALF), right), 2 ** -24);
  return tf.slice(tf.reshape(fraction, [-1]), 0, size) as tf.Tensor1D;
};

/**
 * Uniform numbers in [0, 1), multiples of 2⁻²⁴, as a function of a key *tensor*, which is never read on the host: a recorded step
 * draws anew each time it is replayed with another key.
 *
 * Where the backend has the kernel {@link KEYED_UNIFORM} the numbers are those of this package's `uniform`. Elsewhere they come
 * from a generator of our own, composed of ordinary operations: as reproducible, and good for masks, but not Threefry.
 *
 * @param key - int32 `[2]`
 * @param shape - of the result
 * @param stream - a non-negative integer, below 2³²; draws with different streams are independent
 * @returns float32; the caller disposes it
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const draws = keyedUniform(tf.tensor1d([1, 2], 'int32'), [64, 10], 0);
 */
export const keyedUniform = (key: tf.Tensor1D, shape: readonly number[], stream: number): tf.Tensor => {
  const kernel = tf.getKernel(KEYED_UNIFORM, tf.getBackend()) as tf.KernelConfig | undefined;
  if (kernel !== undefined) return tf.engine().runKernel(KEYED_UNIFORM, { key }, { shape: [...shape], stream });
  return tf.tidy(() => tf.reshape(portable(key, sizeOf(shape), stream), [...shape]));
};
