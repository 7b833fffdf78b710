import { readFileSync } from 'node:fs';
import { CodistillError, describe as describePart, key, type Term, type TermState } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, testLaws, testOn, testTerm } from '@codistill/testkit';
import { hint } from './hint.ts';

const golden = JSON.parse(readFileSync(new URL('./hint.golden.json', import.meta.url), 'utf8')) as { cases: GoldenTerm[] };
const plain = JSON.parse(readFileSync(new URL('./feature-mse.golden.json', import.meta.url), 'utf8')) as { cases: GoldenTerm[] };
const normalised = JSON.parse(readFileSync(new URL('./hint-normalised.golden.json', import.meta.url), 'utf8')) as { cases: GoldenTerm[] };

testOn('cpu');

testTerm(hint({ at: 'last' }), { laws: ['zeroWhenEqual', 'nonNegative'] });
testTerm(hint({ at: 'last', project: true }), { shapes: { 'tap:last': [4, 4, 3] }, sourceShapes: { 'tap:last': [4, 4, 7] }, laws: ['nonNegative'] });
testTerm(hint({ at: 'pooled', project: true }), { shapes: { 'tap:pooled': [3] }, sourceShapes: { 'tap:pooled': [8] }, laws: ['nonNegative'] });
testTerm(hint({ at: 'last', project: true, normalise: true }), { shapes: { 'tap:last': [4, 4, 3] }, sourceShapes: { 'tap:last': [4, 4, 7] }, laws: ['nonNegative'] });
testTerm(hint({ at: 'last', normalise: true }), { laws: ['zeroWhenEqual', 'nonNegative'] });

testLaws('hint equals NumPy', normalised.cases.map((one) => goldenTermLaw(hint({ at: 'last', project: true, normalise: true }), one)));
testLaws('hint equals PyTorch', [
  ...golden.cases.map((one) => goldenTermLaw(hint({ at: 'last', project: true }), one)),
  ...plain.cases.map((one) => goldenTermLaw(hint({ at: 'last' }), one)),
]);

describe('hint', () => {
  const stateFor = (source: readonly number[], learner: readonly number[], project: boolean, seed = 1): TermState | undefined =>
    hint({ at: 'last', project }).state?.({ from: { 'tap:last': source }, to: { 'tap:last': learner } }, key(seed));

  it('says its tap in its type', () => {
    const term: Term<'hint', 'node', 'tap:last', never> = hint({ at: 'last' });
    // @ts-expect-error: another tap
    const other: Term<'hint', 'node', 'tap:first', never> = hint({ at: 'last' });
    expect([term, other].map(({ needs }) => needs)).toEqual([['tap:last'], ['tap:last']]);
  });

  it('makes a kernel from the student to the teacher, HWIO on maps', () => {
    const shapesOf = (state: TermState | undefined): unknown => Object.entries(state?.parameters ?? {}).map(([name, { shape }]) => [name, shape]);
    expect(shapesOf(stateFor([1, 8, 8, 64], [1, 8, 8, 16], true))).toEqual([['projector/kernel', [1, 1, 16, 64]], ['projector/bias', [64]]]);
    expect(shapesOf(stateFor([1, 64], [1, 16], true))).toEqual([['projector/kernel', [16, 64]], ['projector/bias', [64]]]);
    expect(shapesOf(stateFor([1, 8, 8, 64], [1, 8, 8, 64], false))).toEqual([]);
  });

  it('draws the kernel from the key with variance 1/channels', () => {
    const kernel = (seed: number): Float32Array => stateFor([1, 8, 8, 64], [1, 8, 8, 100], true, seed)?.parameters['projector/kernel']?.values ?? new Float32Array();
    expect(kernel(1)).toEqual(kernel(1));
    expect(kernel(1)).not.toEqual(kernel(2));
    const variance = kernel(1).reduce((sum, w) => sum + w * w, 0) / kernel(1).length;
    expect(variance * 100).toBeCloseTo(1, 1);
  });

  it('asks for a projection where the widths differ', () => {
    expect(() => stateFor([1, 512], [1, 64], false)).toThrow(
      new CodistillError(
        'TAP_WIDTH',
        "loss 'hint': tap 'last' is 512 wide in the source and 64 in the learner. Add a projection: hint({ at: 'last', project: true }).",
      ),
    );
  });

  it.each([true, false])('refuses other sizes, project: %s', (project) => {
    expect(() => stateFor([1, 8, 8, 16], [1, 4, 4, 16], project)).toThrow(/^loss 'hint': tap 'last' has shape \[8, 8, 16\] in the source and \[4, 4, 16\]/);
  });

  it('describes itself', () => {
    expect(describePart(hint({ at: 'last' })).options).toEqual({ at: 'last' });
    expect(describePart(hint({ at: 'last', project: true })).options).toEqual({ at: 'last', project: true });
  });
});
