import { readFileSync } from 'node:fs';
import { CodistillError, key } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, testLaws, testOn, testTerm } from '@codistill/testkit';
import { ccEmbedded, type CcEmbeddedOptions } from './cc-embedded.ts';

const golden = JSON.parse(readFileSync(new URL('./cc-embedded.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: Pick<CcEmbeddedOptions<'last'>, 'width'> })[];
};

testOn('cpu');

testTerm(ccEmbedded({ at: 'pooled', width: 5 }), { examplesInteract: true, shapes: { 'tap:pooled': [6] }, sourceShapes: { 'tap:pooled': [2, 2, 3] }, laws: ['nonNegative'] });

testLaws('ccEmbedded equals NumPy', golden.cases.map((one) => goldenTermLaw(ccEmbedded({ at: 'last', ...one.params }), one)));

describe('ccEmbedded', () => {
  it('embeds both ends, whatever their shapes', () => {
    const state = ccEmbedded({ at: 'last' }).state?.({ to: { 'tap:last': [1, 2, 2, 3] }, from: { 'tap:last': [1, 7] } }, key(1));
    expect(Object.entries(state?.parameters ?? {}).map(([name, { shape }]) => [name, shape])).toEqual([
      ['learner/kernel', [12, 128]],
      ['learner/bias', [128]],
      ['source/kernel', [7, 128]],
      ['source/bias', [128]],
    ]);
  });

  it('refuses a width of 0', () => {
    expect(() => ccEmbedded({ at: 'last', width: 0 })).toThrow(new CodistillError('OPTION_INVALID', 'ccEmbedded: width must be a whole number of at least 1, not 0.'));
  });
});
