import { readFileSync } from 'node:fs';
import { type GoldenTerm, goldenTermLaw, termContext, testLaws, testOn, testTerm } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { rkdDistance } from './rkd-distance.ts';

const golden = JSON.parse(readFileSync(new URL('./rkd-distance.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: unknown })[];
};
const laws = ['zeroWhenEqual', 'nonNegative'] as const;

testOn('cpu');

testTerm(rkdDistance({ at: 'pooled' }), { examplesInteract: true, shapes: { 'tap:pooled': [6] }, laws });
testTerm(rkdDistance({ at: 'pooled' }), { examplesInteract: true, shapes: { 'tap:pooled': [3] }, sourceShapes: { 'tap:pooled': [2, 2, 2] }, laws: ['nonNegative'] });
testTerm(rkdDistance(), { examplesInteract: true, laws });

testLaws('rkdDistance equals PyTorch', golden.cases.map((one) => goldenTermLaw(rkdDistance({ at: 'last' }), one)));

describe('rkdDistance', () => {
  it('does not depend on the size of the embeddings', () => {
    tf.tidy(() => {
      const term = rkdDistance({ at: 'pooled' });
      const [s, t] = [tf.tensor2d([[1, 2], [3, 5], [-1, 0]]), tf.tensor2d([[1, 0, 0], [0, 2, 0], [1, 1, 1]])];
      const value = (scale: number): number => term.compute({ 'tap:pooled': s.mul(scale) }, { 'tap:pooled': t }, termContext(term)).dataSync()[0] ?? NaN;
      expect(value(100)).toBeCloseTo(value(1), 6);
      expect(value(1)).toBeGreaterThan(1e-3);
    });
  });

  it('is 0 for a batch of one', () => {
    tf.tidy(() => {
      const term = rkdDistance({ at: 'pooled' });
      expect([...term.compute({ 'tap:pooled': tf.tensor2d([[1, 2]]) }, { 'tap:pooled': tf.tensor2d([[3, 4]]) }, termContext(term)).dataSync()]).toEqual([0]);
    });
  });
});
