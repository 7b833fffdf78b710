import { CodistillError, key } from '@codistill/core';
import { derivedBench, testDerived, testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { concatClassifier } from './concat-classifier.ts';

testOn('cpu');

testDerived(concatClassifier({ of: ['a', 'b', 'c'], at: 'pooled' }));
testDerived(concatClassifier({ of: ['a', 'b'], at: 'last' }), { shapes: { 'tap:last': [2, 3, 4] } });

describe('concatClassifier', () => {
  it('is the sum of what each member\'s part of the kernel makes', () => {
    const bench = derivedBench(concatClassifier({ of: ['a', 'b'], at: 'last' }), { shapes: { 'tap:last': [2, 3, 4] } });
    tf.tidy(() => {
      const kernel = bench.variables['kernel'] as tf.Tensor as tf.Tensor2D;
      bench.variables['bias']?.assign(tf.tensor1d([1, -2, 3]));
      const part = (name: string, row: number): tf.Tensor => tf.mean(bench.members[name]?.['tap:last'] as tf.Tensor, [1, 2]).matMul(kernel.slice([row, 0], [4, 3]));
      const expected = part('a', 0).add(part('b', 4)).add(tf.tensor1d([1, -2, 3]));
      expect(tf.max(tf.abs(expected.sub(bench.read().logits))).dataSync()[0]).toBeLessThan(1e-6);
    });
    bench.dispose();
  });

  it('sizes its weights by the members, draws them from the key with variance 1/features, and begins without bias', () => {
    const state = (seed: number) => concatClassifier({ of: ['a', 'b'], at: 'pooled' }).state?.([{ 'tap:pooled': [1, 40] }, { 'tap:pooled': [1, 60] }], key(seed), 50);
    const { kernel, bias } = state(1)?.parameters ?? {};
    expect([kernel?.shape, bias?.shape, bias?.values.every((b) => b === 0)]).toEqual([[100, 50], [50], true]);
    expect((kernel?.values.reduce((sum, w) => sum + w * w, 0) ?? NaN) / 50).toBeCloseTo(1, 1);
    expect(state(1)).toEqual(state(1));
    expect(state(2)).not.toEqual(state(1));
  });

  it.each([[['a']], [['a', 'a']]])('refuses %j', (of) => {
    expect(() => concatClassifier({ of, at: 'pooled' })).toThrow(new CodistillError('MEMBERS_FEW', "concatClassifier: 'of' names 1 node: name different ones, at least 2."));
  });
});
