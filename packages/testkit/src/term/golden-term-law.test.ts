import { defineTerm } from '@codistill/core';
import { testOn } from '../test-on.ts';
import { type GoldenTerm, goldenTermLaw } from './golden-term-law.ts';

testOn('cpu');

const scaled = defineTerm({
  name: 'scaled',
  from: 'node',
  needs: ['logits'],
  state: () => ({ parameters: { scale: { shape: [], values: Float32Array.of(1) } }, buffers: {} }),
  compute: (s, t, context) => s.logits.sub(t.logits).square().sum(-1).mul(context.variable('scale')),
});
// ½ Σ_b 3 · Σ_c (s − t)² over two examples
const golden: GoldenTerm = {
  name: 'by hand',
  to: { logits: [[1, 0], [2, 2]] },
  from: { logits: [[0, 0], [2, 1]] },
  parameters: { scale: 3 },
  value: 3,
  gradients: { to: { logits: [[3, 0], [0, 3]] }, from: { logits: [[-3, 0], [0, -3]] }, parameters: { scale: 1 } },
};

describe('goldenTermLaw', () => {
  it('accepts right numbers', async () => {
    await expect(Promise.resolve(goldenTermLaw(scaled, golden).check())).resolves.toBeUndefined();
  });

  it.each<[string, Partial<GoldenTerm>, string]>([
    ['value', { value: 3.001 }, "term 'scaled', by hand: the mean is 3 and should be 3.001."],
    ['gradient', { gradients: { to: { logits: [[3, 0], [0, 4]] } } }, "term 'scaled', by hand: the gradient of logits (to) is 3 and should be 4 (element 3)."],
    ['gradient of the source', { gradients: { from: { logits: [[0, 0], [0, 0]] } } }, "term 'scaled', by hand: the gradient of logits (from) is -3 and should be 0 (element 0)."],
    ['gradient of a parameter', { gradients: { parameters: { scale: 2 } } }, "term 'scaled', by hand: the gradient of scale (parameters) is 1 and should be 2."],
    ['length', { gradients: { to: { logits: [1, 2] } } }, "term 'scaled', by hand: the gradient of logits (to) has 4 elements and should have 2."],
  ])('refuses a wrong %s', async (_, wrong, sentence) => {
    await expect(Promise.resolve(goldenTermLaw(scaled, { ...golden, ...wrong }).check())).rejects.toThrow(new Error(sentence));
  });
});
