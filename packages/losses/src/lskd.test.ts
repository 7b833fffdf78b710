import { readFileSync } from 'node:fs';
import { classification } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, termContext, testLaws, testOn, testTerm } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { lskd, type LskdOptions } from './lskd.ts';

const golden = JSON.parse(readFileSync(new URL('./lskd.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: LskdOptions })[];
};
const laws = ['zeroWhenEqual', 'nonNegative', 'shiftInvariant'] as const;

testOn('cpu');

// With two classes there is no gradient to compare, so the laws are told of the five they run on.
testTerm(lskd(), { classes: 5, laws });
testTerm(lskd({ temperature: 1 }), { classes: 100, laws });
testTerm(lskd(), { classes: 5, shapes: { logits: [3, 3, 5] }, laws });

testLaws('lskd equals PyTorch', golden.cases.map((one) => goldenTermLaw(lskd(one.params), one)));

describe('lskd', () => {
  it('does not depend on the size of the logits', () => {
    tf.tidy(() => {
      const term = lskd();
      const [s, t] = [tf.tensor2d([[1.5, -0.5, 0.25]]), tf.tensor2d([[0.5, 1, -2]])];
      const value = (scale: number): number => term.compute({ logits: s.mul(scale) }, { logits: t }, termContext(term)).dataSync()[0] ?? NaN;
      expect(value(10)).toBeCloseTo(value(1), 5);
      expect(value(1)).toBeGreaterThan(1e-2);
    });
  });

  it('refuses two classes, and says why', () => {
    expect(lskd().refuses?.(classification(2))).toBe(
      "loss 'lskd' teaches nothing of its own with 2 classes: standardised, a pair of logits says only which is larger. Use kd.",
    );
    expect(lskd().refuses?.(classification(3))).toBeUndefined();
  });

  it('is right to: with two classes it has no gradient', () => {
    tf.tidy(() => {
      const term = lskd();
      const loss = (z: tf.Tensor): tf.Tensor => term.compute({ logits: z }, { logits: tf.tensor2d([[0.5, 1]]) }, termContext(term)).mean();
      expect(Math.max(...tf.grad(loss)(tf.tensor2d([[2, -1]])).abs().dataSync())).toBeLessThan(1e-6);
    });
  });
});
