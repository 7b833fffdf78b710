import { readFileSync } from 'node:fs';
import { CodistillError } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, testLaws, testOn, testTerm } from '@codistill/testkit';
import { nst } from './nst.ts';

const golden = JSON.parse(readFileSync(new URL('./nst.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: unknown })[];
};
const laws = ['zeroWhenEqual', 'nonNegative'] as const;

testOn('cpu');

testTerm(nst({ at: 'last' }), { laws });
testTerm(nst({ at: 'last' }), { shapes: { 'tap:last': [3, 5, 2] }, sourceShapes: { 'tap:last': [3, 5, 7] }, laws: ['nonNegative'] });

testLaws('nst equals PyTorch', golden.cases.map((one) => goldenTermLaw(nst({ at: 'last' }), one)));

it('nst wants maps of one size', () => {
  const state = (source: number[], learner: number[]): unknown => nst({ at: 'last' }).state?.({ from: { 'tap:last': source }, to: { 'tap:last': learner } }, [0, 0]);
  expect(state([1, 8, 8, 64], [1, 8, 8, 16])).toEqual({ parameters: {}, buffers: {} });
  expect(() => state([1, 64], [1, 64])).toThrow(
    new CodistillError('TAP_FLAT', "loss 'nst': tap 'last' has shape [64], without height and width to attend to. Tap a layer before the pooling."),
  );
  expect(() => state([1, 8, 8, 64], [1, 4, 4, 64])).toThrow(/^loss 'nst': tap 'last' has shape \[8, 8, 64\] in the source and \[4, 4, 64\]/);
});
