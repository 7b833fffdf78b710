import { readFileSync } from 'node:fs';
import { CodistillError } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, termContext, testLaws, testOn, testTerm } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { kd } from './kd.ts';
import { mlld, type MlldOptions } from './mlld.ts';

const golden = JSON.parse(readFileSync(new URL('./mlld.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: MlldOptions })[];
};
const laws = ['zeroWhenEqual', 'nonNegative', 'shiftInvariant'] as const;

testOn('cpu');

testTerm(mlld(), { examplesInteract: true, laws });
testTerm(mlld({ temperatures: [2], instances: 0 }), { examplesInteract: true, laws });
testTerm(mlld({ temperatures: [1, 4] }), { examplesInteract: true, shapes: { logits: [2, 2, 5] }, laws });

testLaws('mlld equals PyTorch', golden.cases.map((one) => goldenTermLaw(mlld(one.params), one)));

describe('mlld', () => {
  it('between predictions is kd at each temperature', () => {
    tf.tidy(() => {
      const [s, t] = [tf.tensor2d([[1.5, -0.5, 0.25], [3, 0, 1]]), tf.tensor2d([[0.5, 1, -2], [0, 1, 0]])];
      const term = mlld({ temperatures: [2, 5], batches: 0, classes: 0 });
      const sum = [2, 5].reduce((total, temperature) => {
        const one = kd({ temperature });
        return total + (one.compute({ logits: s }, { logits: t }, termContext(one)).mean().dataSync()[0] ?? NaN);
      }, 0);
      expect(term.compute({ logits: s }, { logits: t }, termContext(term)).dataSync()[0]).toBeCloseTo(sum, 5);
    });
  });

  it.each([[[4, 0], 0], [[], undefined]] as const)('refuses temperatures %j', (temperatures, wrong) => {
    expect(() => mlld({ temperatures })).toThrow(new CodistillError('OPTION_INVALID', `mlld: each of temperatures must be a number above 0, not ${wrong}.`));
  });
});
