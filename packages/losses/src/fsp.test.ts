import { readFileSync } from 'node:fs';
import { CodistillError } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, testLaws, testOn, testTerm } from '@codistill/testkit';
import { fsp } from './fsp.ts';

const golden = JSON.parse(readFileSync(new URL('./fsp.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: unknown })[];
};
const term = fsp({ between: ['lower', 'upper'] });
const laws = ['zeroWhenEqual', 'nonNegative'] as const;

testOn('cpu');

testTerm(term, { shapes: { 'tap:lower': [4, 4, 3], 'tap:upper': [2, 2, 5] }, laws });
testTerm(term, { shapes: { 'tap:lower': [5, 5, 3], 'tap:upper': [3, 2, 4] }, sourceShapes: { 'tap:lower': [4, 4, 3], 'tap:upper': [4, 4, 4] }, laws: ['nonNegative'] });

testLaws('fsp equals PyTorch', golden.cases.map((one) => goldenTermLaw(term, one)));

describe('fsp', () => {
  const state = (learner: readonly number[]): unknown =>
    term.state?.({ from: { 'tap:lower': [1, 8, 8, 4], 'tap:upper': [1, 4, 4, 6] }, to: { 'tap:lower': learner, 'tap:upper': [1, 4, 4, 6] } }, [0, 0]);

  it('wants as many channels at both ends', () => {
    expect(state([1, 4, 4, 4])).toEqual({ parameters: {}, buffers: {} });
    expect(() => state([1, 8, 8, 3])).toThrow(
      new CodistillError(
        'TAP_CHANNELS',
        "loss 'fsp': tap 'lower' has 4 channels in the source and 3 in the learner, and must have as many. Tap two layers of one width.",
      ),
    );
  });

  it('wants maps', () => {
    expect(() => state([1, 4])).toThrow(
      new CodistillError('TAP_NO_MAP', "loss 'fsp': tap 'lower' has shape [4] and must have [height, width, channels]. Tap a convolution, before the pooling."),
    );
  });
});
