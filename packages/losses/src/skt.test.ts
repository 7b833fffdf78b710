import { readFileSync } from 'node:fs';
import { CodistillError, key } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, testLaws, testOn, testTerm } from '@codistill/testkit';
import { skt, type SktOptions } from './skt.ts';

const golden = JSON.parse(readFileSync(new URL('./skt.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: SktOptions<string> })[];
};
const laws = ['zeroWhenEqual', 'nonNegative'] as const;

testOn('cpu');

testTerm(skt({ at: ['a', 'b'] }), { shapes: { 'tap:a': [4, 4, 3], 'tap:b': [2, 2, 4] }, laws });
testTerm(skt({ at: ['a', 'b'], project: true }), {
  // Every position of a projected map is a kink that differences may meet.
  batch: 2,
  shapes: { 'tap:a': [2, 2, 2], 'tap:b': [2, 2, 3] },
  sourceShapes: { 'tap:a': [2, 2, 4], 'tap:b': [2, 2, 3] },
  laws: ['nonNegative'],
});

testLaws('skt equals PyTorch', golden.cases.map((one) => goldenTermLaw(skt(one.params), one)));

describe('skt', () => {
  const ends = (learner: readonly number[]) => ({ to: { 'tap:a': learner }, from: { 'tap:a': [1, 4, 4, 8] } });

  it('projects every tap, or wants as many channels', () => {
    const state = skt({ at: ['a'], project: true }).state?.(ends([1, 4, 4, 2]), key(1));
    expect(Object.entries(state?.parameters ?? {}).map(([name, { shape }]) => [name, shape])).toEqual([['a/kernel', [1, 1, 2, 8]], ['a/bias', [8]]]);
    expect(() => skt({ at: ['a'] }).state?.(ends([1, 4, 4, 2]), key(1))).toThrow(
      new CodistillError('TAP_WIDTH', "loss 'skt': tap 'a' is 8 wide in the source and 2 in the learner. Add a projection: skt({ at: 'a', project: true })."),
    );
  });

  it('wants maps of one size, and weights that are not negative', () => {
    expect(() => skt({ at: ['a'] }).state?.(ends([1, 2, 2, 8]), key(1))).toThrow(/^loss 'skt': tap 'a' has shape \[4, 4, 8\] in the source and \[2, 2, 8\]/);
    expect(() => skt({ at: ['a'], inter: -1 })).toThrow(new CodistillError('OPTION_INVALID', 'skt: inter must be a number of at least 0, not -1.'));
  });
});
