import { readFileSync } from 'node:fs';
import { CodistillError, type Ends, type Term } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, testLaws, testOn, testTerm } from '@codistill/testkit';
import { featureMse } from './feature-mse.ts';

const golden = JSON.parse(readFileSync(new URL('./feature-mse.golden.json', import.meta.url), 'utf8')) as { cases: GoldenTerm[] };
const normalised = JSON.parse(readFileSync(new URL('./feature-mse-normalised.golden.json', import.meta.url), 'utf8')) as { cases: GoldenTerm[] };

testOn('cpu');

testTerm(featureMse({ at: 'last' }), {
  laws: ['zeroWhenEqual', 'nonNegative'],
  closedFormGradient: (student, teacher) => ({ 'tap:last': student['tap:last'].sub(teacher['tap:last']).mul(2 / student['tap:last'].size) }),
});
testTerm(featureMse({ at: 'pooled' }), { shapes: { 'tap:pooled': [12] }, laws: ['zeroWhenEqual', 'nonNegative'] });
testTerm(featureMse({ at: 'last', normalise: true }), { laws: ['zeroWhenEqual', 'nonNegative'] });

testLaws('featureMse equals PyTorch', [
  ...golden.cases.map((one) => goldenTermLaw(featureMse({ at: 'last' }), one)),
  ...normalised.cases.map((one) => goldenTermLaw(featureMse({ at: 'last', normalise: true }), one)),
]);

describe('featureMse', () => {
  const state = (source: number[], learner: number[]): unknown => {
    const ends: Ends = { from: { 'tap:last': source }, to: { 'tap:last': learner } };
    return featureMse({ at: 'last' }).state?.(ends, [0, 0]);
  };

  it('says its tap in its type', () => {
    const term: Term<'featureMse', 'node', 'tap:last', never> = featureMse({ at: 'last' });
    // @ts-expect-error: another tap
    const other: Term<'featureMse', 'node', 'tap:first', never> = featureMse({ at: 'last' });
    expect([term, other].map(({ needs }) => needs)).toEqual([['tap:last'], ['tap:last']]);
  });

  it('owns nothing', () => {
    expect(state([1, 8, 8, 16], [1, 8, 8, 16])).toEqual({ parameters: {}, buffers: {} });
  });

  it('asks for a projection where the widths differ', () => {
    expect(() => state([1, 512], [1, 64])).toThrow(
      new CodistillError(
        'TAP_WIDTH',
        "loss 'featureMse': tap 'last' is 512 wide in the source and 64 in the learner. Add a projection: hint({ at: 'last', project: true }).",
      ),
    );
  });

  it('asks for another layer where the sizes differ', () => {
    expect(() => state([1, 8, 8, 16], [1, 4, 4, 16])).toThrow(
      new CodistillError(
        'TAP_SIZE',
        "loss 'featureMse': tap 'last' has shape [8, 8, 16] in the source and [4, 4, 16] in the learner, and all lengths but the last must agree. " +
          'Tap a layer of the same height and width in both.',
      ),
    );
    expect(() => state([1, 8, 8, 16], [1, 16])).toThrow(/has shape \[8, 8, 16\] in the source and \[16\] in the learner/);
  });

  it('takes an unknown tap for a bug of the engine', () => {
    expect(() => featureMse({ at: 'last' }).state?.({ from: { logits: [1, 10], 'tap:pooled': [1, 64] }, to: {} }, [0, 0])).toThrow(
      new CodistillError('TAP_UNKNOWN', "internal: loss 'featureMse' was told no shape of tap 'last', only of logits and tap:pooled."),
    );
  });
});
