import { readFileSync } from 'node:fs';
import { CodistillError, key } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, testLaws, testOn, testTerm } from '@codistill/testkit';
import { factorTransfer, type FactorTransferOptions } from './factor-transfer.ts';

const golden = JSON.parse(readFileSync(new URL('./factor-transfer.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: Pick<FactorTransferOptions<'last'>, 'form'> })[];
};

testOn('cpu');

testTerm(factorTransfer({ at: 'last' }), { shapes: { 'tap:last': [4, 4, 3] }, sourceShapes: { 'tap:last': [4, 4, 4] }, laws: ['nonNegative'] });
testTerm(factorTransfer({ at: 'last', form: 'whole', rate: 1 }), { shapes: { 'tap:last': [3, 4, 2] }, laws: ['nonNegative'] });

testLaws('factorTransfer equals NumPy', golden.cases.map((one) => goldenTermLaw(factorTransfer({ at: 'last', ...one.params }), one)));

describe('factorTransfer', () => {
  it('makes factors of the rate asked for', () => {
    const state = factorTransfer({ at: 'last', rate: 0.25 }).state?.({ to: { 'tap:last': [1, 8, 8, 6] }, from: { 'tap:last': [1, 8, 8, 16] } }, key(1));
    expect(Object.entries(state?.parameters ?? {}).map(([name, { shape }]) => [name, shape])).toEqual([
      ['translator/kernel', [3, 3, 6, 4]],
      ['translator/bias', [4]],
      ['paraphraser/kernel', [3, 3, 16, 4]],
      ['paraphraser/bias', [4]],
      ['inverse/kernel', [3, 3, 4, 16]],
      ['inverse/bias', [16]],
    ]);
  });

  it('wants maps of one size, and options in range', () => {
    expect(() => factorTransfer({ at: 'last' }).state?.({ to: { 'tap:last': [1, 6] }, from: { 'tap:last': [1, 16] } }, [0, 0])).toThrow(
      new CodistillError('TAP_NO_MAP', "loss 'factorTransfer': tap 'last' has shape [6] and must have [height, width, channels]. Tap a convolution, before the pooling."),
    );
    expect(() => factorTransfer({ at: 'last', rate: 0 })).toThrow(new CodistillError('OPTION_INVALID', 'factorTransfer: rate must be a number above 0, not 0.'));
    expect(() => factorTransfer({ at: 'last', form: 'mine' as 'whole' })).toThrow(
      new CodistillError('OPTION_INVALID', "factorTransfer: form must be 'energy' or 'whole', not 'mine'."),
    );
  });
});
