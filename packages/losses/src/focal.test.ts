import { readFileSync } from 'node:fs';
import { CodistillError } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, testLaws, testOn, testTerm } from '@codistill/testkit';
import { focal, type FocalOptions } from './focal.ts';

const golden = JSON.parse(readFileSync(new URL('./focal.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: FocalOptions })[];
};
const laws = ['nonNegative', 'shiftInvariant'] as const;

testOn('cpu');

testTerm(focal(), { laws });
testTerm(focal({ gamma: 0.5 }), { laws });
testTerm(focal({ gamma: 0 }), { laws });

testLaws('focal equals PyTorch', golden.cases.map((one) => goldenTermLaw(focal(one.params), one)));

it('focal refuses a negative gamma', () => {
  expect(() => focal({ gamma: -1 })).toThrow(new CodistillError('OPTION_INVALID', 'focal: gamma must be a number of at least 0, not -1.'));
});
