import { CodistillError } from '@codistill/core';
import { pairedDifference, wilsonInterval } from './index.ts';
import { normalQuantile } from './normal-quantile.ts';

const sentence = (act: () => unknown): [string, string] => {
  try {
    act();
  } catch (error) {
    if (error instanceof CodistillError) return [error.code, error.message];
    throw error;
  }
  return ['', 'nothing was thrown'];
};

describe('normalQuantile', () => {
  // oracle: statistics.NormalDist().inv_cdf of Python 3.11
  it.each([
    [0.5, 0],
    [0.9, 1.2815515655446008],
    [0.975, 1.9599639845400536],
    [0.995, 2.5758293035489],
    [0.025, -1.9599639845400538],
    [1e-20, -9.262340089798405],
  ])('of %d', (p, z) => {
    expect(normalQuantile(p)).toBeCloseTo(z, 13);
  });
});

describe('wilsonInterval', () => {
  // oracle: Newcombe 1998, Statistics in Medicine 17, table I, method 3
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('of %d in %d', (successes, trials, lower, upper) => {
    const interval = wilsonInterval(successes, trials);
    expect(interval.lower).toBeCloseTo(lower, 4);
    expect(interval.upper).toBeCloseTo(upper, 4);
    expect(interval.estimate).toBe(successes / trials);
  });

  it('mirrors failures, ends at 0 and 1 exactly, and widens with the level', () => {
    const none = wilsonInterval(0, 20);
    const all = wilsonInterval(20, 20);
    expect([none.lower, all.upper]).toEqual([0, 1]);
    expect(all.lower).toBeCloseTo(1 - none.upper, 12);
    expect(wilsonInterval(7, 20, { level: 0.99 }).lower).toBeLessThan(wilsonInterval(7, 20).lower);
  });

  it.each([[1, 0], [3, 2], [-1, 2], [0.5, 2], [1, 1.5]])('refuses %d in %d', (successes, trials) => {
    expect(sentence(() => wilsonInterval(successes, trials))).toEqual([
      'TRIALS_INVALID',
      `wilsonInterval was given ${successes} successes in ${trials} trials: trials must be a whole number of at least 1, successes one from 0 to trials.`,
    ]);
  });

  it.each([0, 1, 95, Number.NaN])('refuses the level %d', (level) => {
    expect(sentence(() => wilsonInterval(1, 2, { level }))).toEqual([
      'LEVEL_INVALID',
      `wilsonInterval was given level = ${level}: it must lie between 0 and 1, as 0.95 does.`,
    ]);
  });
});

describe('pairedDifference', () => {
  it('is the mean and the deviation of the differences, not of the arms', () => {
    const { mean, sd, seeds } = pairedDifference([0.5, 0.7, 0.9], [0.25, 0.5, 0.6]);
    expect(mean).toBeCloseTo(0.25, 12);
    expect(sd).toBeCloseTo(0.05, 12);
    expect(seeds).toBe(3);
  });

  it('has no deviation of one seed', () => {
    expect(pairedDifference([2], [1])).toEqual({ mean: 1, sd: Number.NaN, seeds: 1 });
  });

  it.each([[[1, 2], [1]], [[], []]])('refuses %j beside %j', (a, b) => {
    expect(sentence(() => pairedDifference(a, b))).toEqual([
      'PAIRS_DIFFER',
      `pairedDifference was given ${a.length} and ${b.length} values: it needs the same seeds, in the same order, on both sides, and at least one.`,
    ]);
  });
});
