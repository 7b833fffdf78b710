import type { HostArray, Named } from '@codistill/core';

/**
 * The values of a network's variables, trainable or not, by the names under which a saved model knows them
 * (`block1_conv/kernel`).
 *
 * @example
 * const weights: Weights = { 'head/bias': { shape: [2], values: Float32Array.of(0.5, -0.5) } };
 */
export type Weights = Named<HostArray>;

const FNV_PRIME = 0x01000193;

/** FNV-1a over 32-bit words in place of bytes: as sensitive to every bit, and a quarter of the time. */
const hashed = (words: Iterable<number>, seed: number): number => {
  let hash = seed;
  for (const word of words) {
    hash = Math.imul(hash ^ word, FNV_PRIME);
    // Multiplication moves bits up only; the next word's low bits should meet the high ones of this.
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
};

/**
 * A short name of weights, by which a record tells them from others: 64 bits over names, shapes and the bits of all values. No
 * protection against a forger.
 *
 * @param weights - in any order
 * @returns 16 hexadecimal digits
 * @example
 * const name = checksum({ 'head/bias': { shape: [1], values: Float32Array.of(0.5) } });
 */
export const checksum = (weights: Weights): string => {
  const entries = Object.entries(weights).sort(([a], [b]) => (a < b ? -1 : 1));
  const digits = [0x811c9dc5, 0x9e3779b9].map((seed) => {
    const hash = entries.reduce((at, [name, { shape, values }]) => {
      const heading = Array.from(`${name}[${shape.join()}]`, (letter) => letter.codePointAt(0) ?? 0);
      // As words: -0 and 0 are different weights, and so are two that print alike.
      return hashed(new Int32Array(values.buffer, values.byteOffset, values.length), hashed(heading, at));
    }, seed);
    return hash.toString(16).padStart(8, '0');
  });
  return digits.join('');
};
