/**
 * State of the counter-based generator: two 32-bit words. Keys are values: nothing is consumed, the same key always gives
 * the same numbers, and `fold` makes as many independent keys as there are purposes.
 *
 * @example
 * const root: Key = key(7);
 */
export type Key = readonly [number, number];

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

/**
 * Threefry-2x32 with 20 rounds, the block function of Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3".
 * Equal to Random123's published vectors and to JAX's default generator.
 *
 * @param key - two words
 * @param counter - two words
 * @returns two words, uniformly distributed
 * @example
 * threefry([0, 0], [0, 0]); // [0x6b200159, 0x99ba4efe]
 */
export const threefry = (key: Key, counter: Key): Key => {
  const [k0, k1] = key;
  const schedule = [k0, k1, k0 ^ k1 ^ 0x1bd11bda] as const;
  let x0 = (counter[0] + k0) | 0;
  let x1 = (counter[1] + k1) | 0;
  for (let group = 0; group < 5; group++) {
    for (const rotation of ROTATIONS[(group % 2) as 0 | 1]) {
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << rotation) | (x1 >>> (32 - rotation))) ^ x0;
    }
    x0 = (x0 + schedule[((group + 1) % 3) as 0 | 1 | 2]) | 0;
    x1 = (x1 + schedule[((group + 2) % 3) as 0 | 1 | 2] + group + 1) | 0;
  }
  return [x0 >>> 0, x1 >>> 0];
};

/**
 * The root key of a seed.
 *
 * @param seed - a non-negative safe integer
 * @example
 * const root = key(42);
 */
export const key = (seed: number): Key => [Math.floor(seed / 2 ** 32) >>> 0, seed >>> 0];

/** FNV-1a, 32 bits, over UTF-16 code units: turns a purpose's name into a word. */
const hash = (text: string): number => {
  let word = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) word = Math.imul(word ^ text.charCodeAt(index), 0x01000193);
  return word >>> 0;
};

/**
 * The key for one purpose below another key. Names and numbers are kept apart: `fold(k, '1')` and `fold(k, 1)` differ.
 *
 * @param parent - the key to derive from
 * @param path - purposes, node names, steps, …; numbers are integers from 0 to 2³² − 1
 * @example
 * const mask = fold(key(42), 'dropout', 'student', 120);
 */
export const fold = (parent: Key, ...path: readonly (string | number)[]): Key =>
  path.reduce<Key>((at, step) => threefry(at, typeof step === 'number' ? [0, step >>> 0] : [1, hash(step)]), parent);
