import { fold, key } from './key.ts';
import { bits, integer, normal, permutation, uniform } from './random.ts';

const k = key(2021);
const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, x) => sum + x, 0) / values.length;
const moment = (values: ArrayLike<number>, power: number): number => mean(Array.from(values, (x) => x ** power));

/** χ² of counts that should be equal, in standard deviations from its expectation. */
const unevenness = (counts: readonly number[]): number => {
  const expected = mean(counts);
  const χ2 = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return (χ2 - (counts.length - 1)) / Math.sqrt(2 * (counts.length - 1));
};

const countOf = (values: Iterable<number>, bins: number): number[] => {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
};

describe('bits', () => {
  it('are the blocks of the generator, one after another', () => {
    expect([...bits([0, 0], 2)]).toEqual([0x6b200159, 0x99ba4efe]);
    expect(bits(k, 0)).toHaveLength(0);
  });

  it('begin alike however many are asked for', () => {
    const many = bits(k, 101);
    for (const count of [1, 2, 3, 50, 100]) expect(bits(k, count)).toEqual(many.subarray(0, count));
  });

  it('differ from stream to stream', () => {
    expect(bits(k, 4, 1)).not.toEqual(bits(k, 4));
    expect(new Set([...bits(k, 1000), ...bits(k, 1000, 1), ...bits(k, 1000, 2)]).size).toBeGreaterThan(2990);
  });
});

describe('uniform', () => {
  const values = uniform(k, 100_000);

  it('lies in [0, 1), on multiples of 2⁻²⁴, and begins alike however many are asked for', () => {
    expect(values.every((x) => x >= 0 && x < 1 && Number.isInteger(x * 2 ** 24))).toBe(true);
    expect(uniform(k, 7)).toEqual(values.subarray(0, 7));
  });

  it('has the moments of the uniform distribution', () => {
    // Five standard deviations of the sample moments: Var xᵖ = 1/(2p+1) − 1/(p+1)²
    for (const p of [1, 2, 3, 4]) {
      const deviation = Math.sqrt((1 / (2 * p + 1) - 1 / (p + 1) ** 2) / values.length);
      expect(Math.abs(moment(values, p) - 1 / (p + 1))).toBeLessThan(5 * deviation);
    }
    expect(Math.abs(unevenness(countOf(Array.from(values, (x) => Math.floor(x * 100)), 100)))).toBeLessThan(5);
  });

  it('does not depend on its neighbour', () => {
    const lag = mean(Array.from(values.subarray(1), (x, i) => (x - 0.5) * ((values[i] ?? 0) - 0.5)));
    expect(Math.abs(lag)).toBeLessThan(5 / 12 / Math.sqrt(values.length));
  });
});

describe('normal', () => {
  const values = normal(k, 100_001);

  it('is finite, and begins alike however many are asked for', () => {
    expect(values).toHaveLength(100_001);
    expect(values.every(Number.isFinite)).toBe(true);
    for (const count of [1, 2, 7, 8]) expect(normal(k, count)).toEqual(values.subarray(0, count));
  });

  it('has the moments of the normal distribution', () => {
    // E xᵖ = 0, 1, 0, 3, 0, 15; Var xᵖ = (2p − 1)!! − (E xᵖ)²; five standard deviations
    const expected = [0, 1, 0, 3];
    const variance = [1, 2, 15, 96];
    for (const [index, value] of expected.entries()) {
      expect(Math.abs(moment(values, index + 1) - value)).toBeLessThan(5 * Math.sqrt((variance[index] ?? NaN) / values.length));
    }
  });

  it('has 68.27 % within one deviation and 4.55 % beyond two, and both of a pair are independent', () => {
    const share = (holds: (x: number) => boolean): number => Array.from(values).filter(holds).length / values.length;
    expect(share((x) => Math.abs(x) < 1)).toBeCloseTo(0.6827, 2);
    expect(share((x) => Math.abs(x) > 2)).toBeCloseTo(0.0455, 2);
    const pairs = mean(Array.from({ length: 50_000 }, (_, i) => (values[2 * i] ?? 0) * (values[2 * i + 1] ?? 0)));
    expect(Math.abs(pairs)).toBeLessThan(5 / Math.sqrt(50_000));
  });
});

describe('integer', () => {
  it('lies below its bound, each as often as the others', () => {
    const throws = Array.from({ length: 6000 }, (_, index) => integer(fold(k, index), 6));
    expect([...new Set(throws)].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(Math.abs(unevenness(countOf(throws, 6)))).toBeLessThan(5);
    expect(integer(k, 1)).toBe(0);
  });
});

describe('permutation', () => {
  it('holds every number once, and is not the identity', () => {
    for (const count of [0, 1, 2, 10, 1000]) {
      const order = permutation(k, count);
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index));
    }
    expect([...permutation(k, 1000)]).not.toEqual(Array.from({ length: 1000 }, (_, index) => index));
  });

  it('is the same for the same key, and another for another', () => {
    expect(permutation(k, 100)).toEqual(permutation(k, 100));
    expect(permutation(k, 100)).not.toEqual(permutation(key(2022), 100));
  });

  it('has every order of three, and every number in every place, equally often', () => {
    const orders = Array.from({ length: 6000 }, (_, index) => permutation(fold(k, index), 3));
    const codes = orders.map((order) => (order[0] ?? 0) * 9 + (order[1] ?? 0) * 3 + (order[2] ?? 0));
    const counts = countOf(codes, 27).filter((count) => count > 0);
    expect(counts).toHaveLength(6);
    expect(Math.abs(unevenness(counts))).toBeLessThan(5);
    const firsts = Array.from({ length: 5000 }, (_, index) => permutation(fold(k, 'ten', index), 10)[0] ?? 0);
    expect(Math.abs(unevenness(countOf(firsts, 10)))).toBeLessThan(5);
  });
});
