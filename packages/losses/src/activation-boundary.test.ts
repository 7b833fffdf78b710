import { readFileSync } from 'node:fs';
import { CodistillError } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, testLaws, testOn, testTerm } from '@codistill/testkit';
import { activationBoundary, type ActivationBoundaryOptions } from './activation-boundary.ts';

const golden = JSON.parse(readFileSync(new URL('./activation-boundary.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: Omit<ActivationBoundaryOptions<'last'>, 'at'> })[];
};

testOn('cpu');

testTerm(activationBoundary({ at: 'last' }), { laws: ['nonNegative'] });
testTerm(activationBoundary({ at: 'last', project: true, margin: 0.5 }), { shapes: { 'tap:last': [4, 4, 3] }, sourceShapes: { 'tap:last': [4, 4, 5] }, laws: ['nonNegative'] });

testLaws('activationBoundary equals NumPy', golden.cases.map((one) => goldenTermLaw(activationBoundary({ at: 'last', ...one.params }), one)));

it('activationBoundary asks for a projection where widths differ, and a margin above 0', () => {
  expect(() => activationBoundary({ at: 'last' }).state?.({ from: { 'tap:last': [1, 8] }, to: { 'tap:last': [1, 4] } }, [0, 0])).toThrow(
    new CodistillError(
      'TAP_WIDTH',
      "loss 'activationBoundary': tap 'last' is 8 wide in the source and 4 in the learner. Add a projection: activationBoundary({ at: 'last', project: true }).",
    ),
  );
  expect(() => activationBoundary({ at: 'last', margin: 0 })).toThrow(
    new CodistillError('OPTION_INVALID', 'activationBoundary: margin must be a number above 0, not 0.'),
  );
});
