import { readFileSync } from 'node:fs';
import { CodistillError, key } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, testLaws, testOn, testTerm } from '@codistill/testkit';
import { reviewKd, type ReviewKdOptions } from './review-kd.ts';

const golden = JSON.parse(readFileSync(new URL('./review-kd.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: Pick<ReviewKdOptions<'a'>, 'width'> })[];
};

testOn('cpu');

testTerm(reviewKd({ at: ['a', 'b'], width: 3 }), {
  shapes: { 'tap:a': [4, 4, 2], 'tap:b': [2, 2, 4] },
  sourceShapes: { 'tap:a': [4, 4, 3], 'tap:b': [3, 3, 2] },
  laws: ['nonNegative'],
});
testTerm(reviewKd({ at: ['b', 'pooled'] }), { shapes: { 'tap:b': [2, 2, 3], 'tap:pooled': [4] }, laws: ['nonNegative'] });

testLaws('reviewKd equals NumPy', golden.cases.map((one) => goldenTermLaw(reviewKd({ at: ['a', 'b', 'c'], ...one.params }), one)));

describe('reviewKd', () => {
  it('fuses at the width of the deepest tap, or of what it is told at most', () => {
    const shapes = (width: number): unknown => {
      const ends = { 'tap:a': [1, 8, 8, 16], 'tap:b': [1, 32] };
      const state = reviewKd({ at: ['a', 'b'], width }).state?.({ to: ends, from: ends }, key(1));
      return Object.entries(state?.parameters ?? {}).flatMap(([name, { shape }]) => (name.endsWith('kernel') ? [[name, shape]] : []));
    };
    expect(shapes(512)).toEqual([
      ['a/reduce/kernel', [1, 1, 16, 32]],
      ['a/attend/kernel', [1, 1, 64, 2]],
      ['a/expand/kernel', [3, 3, 32, 16]],
      ['b/reduce/kernel', [1, 1, 32, 32]],
      ['b/expand/kernel', [3, 3, 32, 32]],
    ]);
    expect(shapes(8)).toContainEqual(['a/attend/kernel', [1, 1, 16, 2]]);
  });

  it('wants maps or vectors, and a whole width', () => {
    const ends = { 'tap:a': [1, 8, 16], 'tap:b': [1, 32] };
    expect(() => reviewKd({ at: ['a', 'b'] }).state?.({ to: ends, from: ends }, [0, 0])).toThrow(
      new CodistillError('TAP_NO_MAP', "loss 'reviewKd': tap 'a' has shape [8, 16] and must have [height, width, channels]. Tap a convolution, before the pooling."),
    );
    expect(() => reviewKd({ at: ['a', 'b'], width: 0.5 })).toThrow(
      new CodistillError('OPTION_INVALID', 'reviewKd: width must be a whole number of at least 1, not 0.5.'),
    );
  });
});
