import { readFileSync } from 'node:fs';
import { classification, CodistillError } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, termContext, testLaws, testOn, testTerm } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { dist, type DistOptions } from './dist.ts';

const golden = JSON.parse(readFileSync(new URL('./dist.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: DistOptions })[];
};
const laws = ['zeroWhenEqual', 'nonNegative', 'shiftInvariant'] as const;

testOn('cpu');

testTerm(dist(), { examplesInteract: true, laws });
testTerm(dist({ temperature: 4, inter: 2 }), { examplesInteract: true, batch: 8, laws });
testTerm(dist({ inter: 0 }), { examplesInteract: true, classes: 2, laws });
testTerm(dist(), { examplesInteract: true, shapes: { logits: [3, 3, 5] }, laws });

testLaws('dist equals PyTorch', golden.cases.map((one) => goldenTermLaw(dist(one.params), one)));

describe('dist', () => {
  it('lets no gradient out of logits that are all equal', () => {
    tf.tidy(() => {
      const term = dist();
      const loss = (z: tf.Tensor): tf.Tensor => term.compute({ logits: z }, { logits: tf.tensor2d([[0.5, 1, 2], [1, 0, -1]]) }, termContext(term));
      expect([...tf.grad(loss)(tf.zeros([2, 3])).dataSync()]).toEqual([0, 0, 0, 0, 0, 0]);
    });
  });

  it('refuses two classes unless only examples are compared', () => {
    expect(dist().refuses?.(classification(2))).toBe(
      "loss 'dist' teaches nothing of its own with 2 classes: two probabilities always correlate by 1 or −1. Use dist({ inter: 0 }).",
    );
    expect([dist({ inter: 0 }).refuses?.(classification(2)), dist().refuses?.(classification(3))]).toEqual([undefined, undefined]);
  });

  it('refuses negative weights', () => {
    expect(() => dist({ intra: -1 })).toThrow(new CodistillError('OPTION_INVALID', 'dist: intra must be a number of at least 0, not -1.'));
  });
});
