import { readFileSync } from 'node:fs';
import { CodistillError } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, testLaws, testOn, testTerm } from '@codistill/testkit';
import { cc, type CcOptions } from './cc.ts';

type Params = Omit<CcOptions<'last'>, 'at'>;
const casesOf = (file: string): readonly (GoldenTerm & { readonly params: Params })[] =>
  (JSON.parse(readFileSync(new URL(`./${file}.golden.json`, import.meta.url), 'utf8')) as { cases: (GoldenTerm & { params: Params })[] }).cases;
const laws = ['zeroWhenEqual', 'nonNegative'] as const;

testOn('cpu');

testTerm(cc({ at: 'pooled' }), { examplesInteract: true, shapes: { 'tap:pooled': [6] }, laws });
testTerm(cc({ at: 'pooled', form: 'norm', order: 3 }), { examplesInteract: true, shapes: { 'tap:pooled': [6] }, laws });
testTerm(cc({ at: 'pooled' }), { examplesInteract: true, shapes: { 'tap:pooled': [3] }, sourceShapes: { 'tap:pooled': [2, 2, 2] }, laws: ['nonNegative'] });
testTerm(cc(), { examplesInteract: true, laws });

testLaws('cc equals PyTorch', casesOf('cc').map((one) => goldenTermLaw(cc({ at: 'last', ...one.params }), one)));
testLaws('cc equals NumPy', casesOf('cc-norm').map((one) => goldenTermLaw(cc({ at: 'last', ...one.params }), one)));

it.each([
  [{ gamma: 0 }, 'cc: gamma must be a number above 0, not 0.'],
  [{ order: 1.5 }, 'cc: order must be a whole number of at least 1, not 1.5.'],
  [{ form: 'mine' as 'norm' }, "cc: form must be 'squares' or 'norm', not 'mine'."],
])('cc refuses %j', (options, sentence) => {
  expect(() => cc({ at: 'pooled', ...options })).toThrow(new CodistillError('OPTION_INVALID', sentence));
});
