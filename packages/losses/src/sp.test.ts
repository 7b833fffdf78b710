import { readFileSync } from 'node:fs';
import { type GoldenTerm, goldenTermLaw, termContext, testLaws, testOn, testTerm } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { sp } from './sp.ts';

const golden = JSON.parse(readFileSync(new URL('./sp.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: unknown })[];
};
const laws = ['zeroWhenEqual', 'nonNegative'] as const;

testOn('cpu');

testTerm(sp({ at: 'pooled' }), { examplesInteract: true, shapes: { 'tap:pooled': [6] }, laws });
testTerm(sp({ at: 'pooled' }), { examplesInteract: true, shapes: { 'tap:pooled': [3] }, sourceShapes: { 'tap:pooled': [2, 2, 2] }, laws: ['nonNegative'] });
testTerm(sp(), { examplesInteract: true, laws });

testLaws('sp equals PyTorch', golden.cases.map((one) => goldenTermLaw(sp({ at: 'last' }), one)));

describe('sp', () => {
  it('does not depend on the size of the embeddings', () => {
    tf.tidy(() => {
      const term = sp({ at: 'pooled' });
      const [s, t] = [tf.tensor2d([[1, 2], [3, 5], [-1, 0]]), tf.tensor2d([[1, 0, 0], [0, 2, 0], [1, 1, 1]])];
      const value = (scale: number): number => term.compute({ 'tap:pooled': s.mul(scale) }, { 'tap:pooled': t }, termContext(term)).dataSync()[0] ?? NaN;
      expect(value(100)).toBeCloseTo(value(1), 6);
      expect(value(1)).toBeGreaterThan(1e-3);
    });
  });
});
