import { readFileSync } from 'node:fs';
import { detach } from '@codistill/core';
import { termContext, testOn, testTerm } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { mutualKl } from './mutual-kl.ts';

interface Case {
  readonly name: string;
  readonly params: { readonly links: 'mean' | 'sum' };
  readonly peers: number[][][];
  readonly value: number;
  readonly gradients: number[][][];
}
const golden = JSON.parse(readFileSync(new URL('./mutual-kl.golden.json', import.meta.url), 'utf8')) as { cases: Case[] };

testOn('cpu');

testTerm(mutualKl(), {
  laws: ['zeroWhenEqual', 'nonNegative', 'shiftInvariant'],
  closedFormGradient: ({ logits: z }, { logits: peer }) => ({ logits: tf.softmax(z).sub(tf.softmax(peer)).div(z.shape[0]) }),
});

describe('mutualKl between three peers equals PyTorch', () => {
  const term = mutualKl();

  it.each(golden.cases.map((one) => [one.name, one] as const))('%s', (_, { params, peers, value, gradients }) => {
    tf.tidy(() => {
      const weight = params.links === 'mean' ? 1 / (peers.length - 1) : 1;
      const loss = (...z: tf.Tensor[]): tf.Tensor => {
        const edges = z.flatMap((to, k) => z.filter((_, j) => j !== k).map((from) => term.compute({ logits: to }, { logits: detach(from) }, termContext(term)).mean()));
        return edges.reduce((sum, edge) => sum.add(edge)).mul(weight);
      };
      const z = peers.map((rows) => tf.tensor2d(rows));
      const total = loss(...z).dataSync()[0] ?? NaN;
      expect(Math.abs(total - value)).toBeLessThanOrEqual(1e-5 + 1e-4 * Math.abs(value));
      tf.grads(loss)(z).forEach((gradient, k) => {
        const expected = gradients[k]?.flat() ?? [];
        gradient.dataSync().forEach((actual, index) => {
          expect(Math.abs(actual - (expected[index] ?? NaN))).toBeLessThanOrEqual(1e-5 + 1e-4 * Math.abs(expected[index] ?? NaN));
        });
      });
    });
  });
});
