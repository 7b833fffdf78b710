import { readFileSync } from 'node:fs';
import { CodistillError, type Term } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, termContext, testLaws, testOn, testTerm } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { attention, type AttentionOptions } from './attention.ts';

const golden = JSON.parse(readFileSync(new URL('./attention.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: Pick<AttentionOptions<'last'>, 'form'> })[];
};

testOn('cpu');

testTerm(attention({ at: 'pooled' }));
testTerm(attention({ at: 'last' }), { laws: ['zeroWhenEqual', 'nonNegative'] });
testTerm(attention({ at: 'last', form: 'paper' }), { laws: ['zeroWhenEqual', 'nonNegative'] });
testTerm(attention({ at: 'last' }), { shapes: { 'tap:last': [3, 5, 2] }, sourceShapes: { 'tap:last': [3, 5, 7] } });
testTerm(attention({ at: 'tokens' }), { shapes: { 'tap:tokens': [9, 4] } });

testLaws('attention equals PyTorch', golden.cases.map((one) => goldenTermLaw(attention({ at: 'last', ...one.params }), one)));

describe('attention', () => {
  it('does not depend on the scale of a map', () => {
    tf.tidy(() => {
      const term = attention({ at: 'last' });
      const [s, t] = [tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]), tf.tensor4d([1, 0, 1, 2], [1, 2, 2, 1])];
      const value = (scale: number): number => term.compute({ 'tap:last': s.mul(scale) }, { 'tap:last': t }, termContext(term)).dataSync()[0] ?? NaN;
      expect(value(100)).toBeCloseTo(value(1), 6);
      expect(value(1)).toBeGreaterThan(1e-3);
    });
  });

  it('says its tap in its type', () => {
    const term: Term<'attention', 'node', 'tap:last', never> = attention({ at: 'last' });
    // @ts-expect-error: another tap
    const other: Term<'attention', 'node', 'tap:first', never> = attention({ at: 'last' });
    expect([term, other].map(({ needs }) => needs)).toEqual([['tap:last'], ['tap:last']]);
  });

  it('wants a map', () => {
    expect(() => attention({ at: 'pooled' }).state?.({ from: { 'tap:pooled': [1, 64] }, to: { 'tap:pooled': [1, 64] } }, [0, 0])).toThrow(
      new CodistillError(
        'TAP_FLAT',
        "loss 'attention': tap 'pooled' has shape [64], without height and width to attend to. Tap a layer before the pooling.",
      ),
    );
  });

  it('takes other widths but no other sizes', () => {
    const state = (source: number[], learner: number[]): unknown =>
      attention({ at: 'last' }).state?.({ from: { 'tap:last': source }, to: { 'tap:last': learner } }, [0, 0]);
    expect(state([1, 8, 8, 64], [1, 8, 8, 16])).toEqual({ parameters: {}, buffers: {} });
    expect(() => state([1, 8, 8, 64], [1, 4, 4, 64])).toThrow(/^loss 'attention': tap 'last' has shape \[8, 8, 64\] in the source and \[4, 4, 64\]/);
  });

  it('refuses another form', () => {
    expect(() => attention({ at: 'last', form: 'mine' as 'code' })).toThrow(
      new CodistillError('OPTION_INVALID', "attention: form must be 'code' or 'paper', not 'mine'."),
    );
  });
});
