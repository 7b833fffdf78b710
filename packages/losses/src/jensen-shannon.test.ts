import { readFileSync } from 'node:fs';
import { CodistillError, describe as describePart } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, termContext, testLaws, testOn, testTerm } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { jensenShannon, type JensenShannonOptions } from './jensen-shannon.ts';

const golden = JSON.parse(readFileSync(new URL('./jensen-shannon.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: JensenShannonOptions })[];
};
const laws = ['zeroWhenEqual', 'nonNegative', 'shiftInvariant'] as const;

testOn('cpu');

testTerm(jensenShannon(), { laws });
testTerm(jensenShannon({ temperature: 3 }), { laws });
testTerm(jensenShannon({ temperature: 2 }), { shapes: { logits: [3, 3, 5] }, laws });

testLaws('jensenShannon equals PyTorch', golden.cases.map((one) => goldenTermLaw(jensenShannon(one.params), one)));

describe('jensenShannon', () => {
  it('is the same from both ends', () => {
    tf.tidy(() => {
      const [a, b] = [tf.tensor2d([[1.5, -0.5, 0.25], [4, 2, -1]]), tf.tensor2d([[0.5, 1, -2], [0, 0, 3]])];
      const term = jensenShannon({ temperature: 2 });
      const value = (to: tf.Tensor, from: tf.Tensor): readonly number[] => [...term.compute({ logits: to }, { logits: from }, termContext(term)).dataSync()];
      value(a, b).forEach((one, index) => {
        expect(one).toBeCloseTo(value(b, a)[index] ?? NaN, 6);
        expect(one).toBeGreaterThan(0.05);
      });
    });
  });

  it('never exceeds log 2 at temperature 1', () => {
    tf.tidy(() => {
      const term = jensenShannon();
      const value = term.compute({ logits: tf.tensor2d([[1e4, -1e4]]) }, { logits: tf.tensor2d([[-1e4, 1e4]]) }, termContext(term)).dataSync()[0];
      expect(value).toBeCloseTo(Math.LN2, 6);
    });
  });

  it('refuses a temperature that is not above 0', () => {
    expect(() => jensenShannon({ temperature: 0 })).toThrow(new CodistillError('OPTION_INVALID', 'jensenShannon: temperature must be a number above 0, not 0.'));
    expect(describePart(jensenShannon()).options).toEqual({ temperature: 1 });
  });
});
