import { readFileSync } from 'node:fs';
import { CodistillError } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, testLaws, testOn, testTerm } from '@codistill/testkit';
import { sigmoidFocal, type SigmoidFocalOptions } from './sigmoid-focal.ts';

const golden = JSON.parse(readFileSync(new URL('./sigmoid-focal.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: SigmoidFocalOptions })[];
};

testOn('cpu');

testTerm(sigmoidFocal(), { laws: ['nonNegative'] });
testTerm(sigmoidFocal({ gamma: 0.5, alpha: 0.5 }), { laws: ['nonNegative'] });
testTerm(sigmoidFocal({ gamma: 0 }), { laws: ['nonNegative'] });

testLaws('sigmoidFocal equals PyTorch', golden.cases.map((one) => goldenTermLaw(sigmoidFocal(one.params), one)));

it('sigmoidFocal refuses an alpha outside of 0 to 1', () => {
  expect(() => sigmoidFocal({ alpha: 2 })).toThrow(new CodistillError('OPTION_INVALID', 'sigmoidFocal: alpha must be between 0 and 1, not 2.'));
});
