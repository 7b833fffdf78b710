import { fold, type Key, key, threefry } from './key.ts';
import { bits } from './random.ts';

const popcount = (word: number): number => (word >>> 0).toString(2).replaceAll('0', '').length;

describe('threefry', () => {
  // Random123, examples/kat_vectors, threefry2x32 with 20 rounds
  it.each<[counter: Key, key: Key, expected: Key]>([
    [[0, 0], [0, 0], [0x6b200159, 0x99ba4efe]],
    [[0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], [0x1cb996fc, 0xbb002be7]],
    [[0x243f6a88, 0x85a308d3], [0x13198a2e, 0x03707344], [0xc4923a9c, 0x483df7a0]],
  ])('gives the published vector of counter %j under key %j', (counter, by, expected) => {
    expect(threefry(by, counter)).toEqual(expected);
  });

  it('changes half of the bits with any bit of key or counter', () => {
    const flipped: number[] = [];
    const base = threefry([7, 11], [13, 17]);
    for (let bit = 0; bit < 32; bit++) {
      const flip = 1 << bit;
      for (const [k, c] of [[[7 ^ flip, 11], [13, 17]], [[7, 11 ^ flip], [13, 17]], [[7, 11], [13 ^ flip, 17]], [[7, 11], [13, 17 ^ flip]]] as const) {
        const other = threefry(k, c);
        flipped.push(popcount(base[0] ^ other[0]) + popcount(base[1] ^ other[1]));
      }
    }
    // 64 bits, each flipped with chance ½: 32 ± 4. Five standard deviations for one pair, and for the mean of 128.
    expect(Math.min(...flipped)).toBeGreaterThan(12);
    expect(Math.max(...flipped)).toBeLessThan(52);
    expect(Math.abs(flipped.reduce((sum, n) => sum + n, 0) / flipped.length - 32)).toBeLessThan((5 * 4) / Math.sqrt(128));
  });
});

describe('key', () => {
  it('holds a whole safe integer', () => {
    expect(key(0)).toEqual([0, 0]);
    expect(key(42)).toEqual([0, 42]);
    expect(key(2 ** 32 + 5)).toEqual([1, 5]);
    expect(key(Number.MAX_SAFE_INTEGER)).toEqual([2 ** 21 - 1, 2 ** 32 - 1]);
  });
});

describe('fold', () => {
  const root = key(42);
  const text = (one: Key): string => one.join();

  it('gives the same key for the same path, and the path step by step', () => {
    expect(fold(root, 'dropout', 'student', 3)).toEqual(fold(root, 'dropout', 'student', 3));
    expect(fold(root, 'dropout', 'student', 3)).toEqual(fold(fold(fold(root, 'dropout'), 'student'), 3));
    expect(fold(root)).toEqual(root);
  });

  it('keeps names from numbers, orders and neighbours apart', () => {
    const keys = [fold(root, '1'), fold(root, 1), fold(root, 'a', 'b'), fold(root, 'b', 'a'), fold(root, 'ab'), fold(root, ''), fold(root, 0), root, fold(key(43), 1), fold(root, 'é'), fold(root, 'e')];
    expect(new Set(keys.map(text)).size).toBe(keys.length);
  });

  it('keeps a name from the number that is its hash', () => {
    // FNV-1a of nothing
    expect(fold(root, '')).not.toEqual(fold(root, 0x811c9dc5));
  });

  it('has a key of its own for each of 100,000 steps, and for each of 50 purposes in 2,000 steps', () => {
    expect(new Set(Array.from({ length: 100_000 }, (_, step) => text(fold(root, step)))).size).toBe(100_000);
    const all = Array.from({ length: 50 }, (_, purpose) => Array.from({ length: 2000 }, (__, step) => text(fold(root, `purpose-${purpose}`, step)))).flat();
    expect(new Set(all).size).toBe(100_000);
  });

  it('makes neighbours that agree in half of their bits: numbers under them are independent', () => {
    const agreeing = (a: Key, b: Key): number => {
      const [x, y] = [bits(a, 256), bits(b, 256)];
      let same = 0;
      for (let index = 0; index < 256; index++) same += 32 - popcount((x[index] ?? 0) ^ (y[index] ?? 0));
      return same;
    };
    // 8192 bits: 4096 ± 45; five standard deviations
    const pairs: [Key, Key][] = [
      [fold(root, 0), fold(root, 1)],
      [fold(root, 'a'), fold(root, 'b')],
      [fold(root, 'a', 0), fold(root, 'b', 0)],
      [fold(key(0), 'x'), fold(key(1), 'x')],
      [root, fold(root, 0)],
    ];
    for (const [a, b] of pairs) expect(Math.abs(agreeing(a, b) - 4096)).toBeLessThan(5 * 45.3);
  });
});
