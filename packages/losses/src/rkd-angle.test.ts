import { readFileSync } from 'node:fs';
import { type GoldenTerm, goldenTermLaw, termContext, testLaws, testOn, testTerm } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { rkdAngle } from './rkd-angle.ts';

const golden = JSON.parse(readFileSync(new URL('./rkd-angle.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: unknown })[];
};
const laws = ['zeroWhenEqual', 'nonNegative'] as const;

testOn('cpu');

testTerm(rkdAngle({ at: 'pooled' }), { examplesInteract: true, shapes: { 'tap:pooled': [6] }, laws });
testTerm(rkdAngle({ at: 'pooled' }), { examplesInteract: true, shapes: { 'tap:pooled': [3] }, sourceShapes: { 'tap:pooled': [2, 2, 2] }, laws: ['nonNegative'] });
testTerm(rkdAngle(), { examplesInteract: true, laws });

testLaws('rkdAngle equals PyTorch', golden.cases.map((one) => goldenTermLaw(rkdAngle({ at: 'last' }), one)));

describe('rkdAngle', () => {
  it('does not depend on place, size or rotation of the embeddings', () => {
    tf.tidy(() => {
      const term = rkdAngle({ at: 'pooled' });
      const s = tf.tensor2d([[1, 2], [3, 5], [-1, 0]]);
      const turned = s.matMul(tf.tensor2d([[0, 3], [-3, 0]])).add(tf.tensor1d([7, -2]));
      expect(term.compute({ 'tap:pooled': turned }, { 'tap:pooled': s }, termContext(term)).dataSync()[0]).toBeLessThan(1e-9);
      expect(term.compute({ 'tap:pooled': s.square() }, { 'tap:pooled': s }, termContext(term)).dataSync()[0]).toBeGreaterThan(1e-4);
    });
  });
});
