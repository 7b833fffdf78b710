import { readFileSync } from 'node:fs';
import { CodistillError } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, testLaws, testOn, testTerm } from '@codistill/testkit';
import { cwd, type CwdOptions } from './cwd.ts';

const golden = JSON.parse(readFileSync(new URL('./cwd.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: Pick<CwdOptions<'last'>, 'temperature'> })[];
};
const laws = ['zeroWhenEqual', 'nonNegative'] as const;

testOn('cpu');

testTerm(cwd({ at: 'last' }), { laws });
testTerm(cwd({ at: 'last', temperature: 3 }), { shapes: { 'tap:last': [3, 5, 2] }, laws });

testLaws('cwd equals PyTorch', golden.cases.map((one) => goldenTermLaw(cwd({ at: 'last', ...one.params }), one)));

it('cwd wants maps of one shape', () => {
  const state = (shape: number[]): unknown => cwd({ at: 'last' }).state?.({ to: { 'tap:last': shape }, from: { 'tap:last': shape } }, [0, 0]);
  expect(state([1, 4, 4, 3])).toEqual({ parameters: {}, buffers: {} });
  expect(() => state([1, 3])).toThrow(
    new CodistillError('TAP_FLAT', "loss 'cwd': tap 'last' has shape [3], without height and width to attend to. Tap a layer before the pooling."),
  );
});
