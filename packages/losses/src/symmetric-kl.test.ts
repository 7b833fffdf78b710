import { readFileSync } from 'node:fs';
import { CodistillError, describe as describePart } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, termContext, testLaws, testOn, testTerm } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { symmetricKl, type SymmetricKlOptions } from './symmetric-kl.ts';

const golden = JSON.parse(readFileSync(new URL('./symmetric-kl.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: SymmetricKlOptions })[];
};
const laws = ['zeroWhenEqual', 'nonNegative', 'shiftInvariant'] as const;

testOn('cpu');

testTerm(symmetricKl(), { laws });
testTerm(symmetricKl({ temperature: 3 }), { laws });
testTerm(symmetricKl({ temperature: 2 }), { shapes: { logits: [3, 3, 5] }, laws });

testLaws('symmetricKl equals PyTorch', golden.cases.map((one) => goldenTermLaw(symmetricKl(one.params), one)));

describe('symmetricKl', () => {
  it('is the same from both ends', () => {
    tf.tidy(() => {
      const [a, b] = [tf.tensor2d([[1.5, -0.5, 0.25], [4, 2, -1]]), tf.tensor2d([[0.5, 1, -2], [0, 0, 3]])];
      const term = symmetricKl({ temperature: 2 });
      const value = (to: tf.Tensor, from: tf.Tensor): readonly number[] => [...term.compute({ logits: to }, { logits: from }, termContext(term)).dataSync()];
      value(a, b).forEach((one, index) => {
        expect(one).toBeCloseTo(value(b, a)[index] ?? NaN, 6);
        expect(one).toBeGreaterThan(0.05);
      });
    });
  });

  it('refuses a temperature that is not above 0', () => {
    expect(() => symmetricKl({ temperature: 0 })).toThrow(new CodistillError('OPTION_INVALID', 'symmetricKl: temperature must be a number above 0, not 0.'));
    expect(describePart(symmetricKl()).options).toEqual({ temperature: 1 });
  });
});
