import { readFileSync } from 'node:fs';
import { CodistillError, describe as describePart } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, termContext, testLaws, testOn, testTerm } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { kd } from './kd.ts';
import { reverseKd, type ReverseKdOptions } from './reverse-kd.ts';

const golden = JSON.parse(readFileSync(new URL('./reverse-kd.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: ReverseKdOptions })[];
};
const laws = ['zeroWhenEqual', 'nonNegative', 'shiftInvariant'] as const;

testOn('cpu');

testTerm(reverseKd(), { laws });
testTerm(reverseKd({ temperature: 3 }), { laws });
testTerm(reverseKd({ temperature: 2 }), { shapes: { logits: [3, 3, 5] }, laws });

testLaws('reverseKd equals PyTorch', golden.cases.map((one) => goldenTermLaw(reverseKd(one.params), one)));

describe('reverseKd', () => {
  it('is kd with its ends exchanged', () => {
    tf.tidy(() => {
      const [a, b] = [tf.tensor2d([[1.5, -0.5, 0.25]]), tf.tensor2d([[0.5, 1, -2]])];
      const [term, other] = [reverseKd({ temperature: 2 }), kd({ temperature: 2 })];
      const value = term.compute({ logits: a }, { logits: b }, termContext(term)).dataSync()[0] ?? NaN;
      expect(value).toBeCloseTo(other.compute({ logits: b }, { logits: a }, termContext(other)).dataSync()[0] ?? NaN, 6);
      expect(Math.abs(value - (other.compute({ logits: a }, { logits: b }, termContext(other)).dataSync()[0] ?? NaN))).toBeGreaterThan(1e-2);
    });
  });

  it('refuses a temperature that is not above 0', () => {
    expect(() => reverseKd({ temperature: 0 })).toThrow(new CodistillError('OPTION_INVALID', 'reverseKd: temperature must be a number above 0, not 0.'));
    expect(describePart(reverseKd()).options).toEqual({ temperature: 1 });
  });
});
