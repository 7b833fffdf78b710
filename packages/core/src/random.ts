import { type Key, threefry } from './key.ts';

/**
 * `count` uniform 32-bit words of a key.
 *
 * @param key - same key, same words; the first n words do not depend on `count`
 * @param count - how many
 * @param stream - first word of the counter: 2³² independent sequences per key; default 0
 * @example
 * bits([0, 0], 2); // Uint32Array [0x6b200159, 0x99ba4efe]
 */
export const bits = (key: Key, count: number, stream = 0): Uint32Array => {
  const words = new Uint32Array(count);
  for (let index = 0; index < count; index += 2) {
    const block = threefry(key, [stream, index >>> 1]);
    words[index] = block[0];
    if (index + 1 < count) words[index + 1] = block[1];
  }
  return words;
};

/**
 * Uniform numbers in [0, 1), multiples of 2⁻²⁴ (every one exact in float32).
 *
 * @example
 * const [first = 0] = uniform([0, 7], 1);
 */
export const uniform = (key: Key, count: number, stream = 0): Float32Array => {
  const words = bits(key, count, stream);
  const values = new Float32Array(count);
  for (let index = 0; index < count; index++) values[index] = ((words[index] ?? 0) >>> 8) / 2 ** 24;
  return values;
};

/**
 * Standard normal numbers, by Box and Muller's transform in float64.
 *
 * @example
 * const noise = normal([0, 7], 1000);
 */
export const normal = (key: Key, count: number): Float32Array => {
  const words = bits(key, count + (count % 2));
  const values = new Float32Array(count);
  for (let index = 0; index < count; index += 2) {
    const radius = Math.sqrt(-2 * Math.log(((words[index] ?? 0) + 1) / 2 ** 32));
    const angle = (2 * Math.PI * (words[index + 1] ?? 0)) / 2 ** 32;
    values[index] = radius * Math.cos(angle);
    if (index + 1 < count) values[index + 1] = radius * Math.sin(angle);
  }
  return values;
};

/**
 * An integer in `[0, below)`, with a bias under 2⁻³² · below.
 *
 * @example
 * const die = 1 + integer([0, 7], 6);
 */
export const integer = (key: Key, below: number): number => Math.floor(((bits(key, 1)[0] ?? 0) / 2 ** 32) * below);

/**
 * A random order of `0 … count − 1` (Fisher and Yates).
 *
 * @example
 * const order = permutation([0, 7], 10);
 */
export const permutation = (key: Key, count: number): Uint32Array => {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  const words = bits(key, count);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(((words[last] ?? 0) / 2 ** 32) * (last + 1));
    const moved = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = moved;
  }
  return order;
};
