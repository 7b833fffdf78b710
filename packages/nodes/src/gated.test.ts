import { readsOf } from '@codistill/core';
import { derivedBench, testDerived, testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { gated } from './gated.ts';

testOn('cpu');

testDerived(gated({ of: ['a', 'b', 'c'], by: 'net', at: 'block' }), { shapes: { 'tap:block': [2, 2, 4] }, batch: 6 });

describe('gated', () => {
  const node = gated({ of: ['a', 'b'], by: 'net', at: 'block' });
  const sized = { shapes: { 'tap:block': [2, 2, 4] }, batch: 6 } as const;

  it('equals its formula in training, moves its averages, and uses them outside', () => {
    const bench = derivedBench(node, sized);
    tf.tidy(() => {
      const of = (name: string): tf.Tensor => bench.variables[name] as tf.Tensor;
      bench.variables['gamma']?.assign(tf.tensor1d([1.5, 0.5]));
      bench.variables['beta']?.assign(tf.tensor1d([0.3, 0.1]));
      const scores = tf.mean(bench.members['net']?.['tap:block'] as tf.Tensor, [1, 2]).matMul(of('kernel'));
      const { mean, variance } = tf.moments(scores, 0);
      const gateOf = (m: tf.Tensor, v: tf.Tensor): tf.Tensor => tf.softmax(tf.relu(scores.sub(m).div(tf.sqrt(v.add(1e-5))).mul(of('gamma')).add(of('beta'))));
      const mixOf = (gate: tf.Tensor): tf.Tensor => {
        const [first, second] = tf.unstack(gate, 1) as [tf.Tensor, tf.Tensor];
        return tf.add(first.expandDims(1).mul(bench.members['a']?.['logits'] as tf.Tensor), second.expandDims(1).mul(bench.members['b']?.['logits'] as tf.Tensor));
      };
      const close = (a: tf.Tensor | undefined, b: tf.Tensor): void => expect(tf.max(tf.abs((a as tf.Tensor).sub(b))).dataSync()[0]).toBeLessThan(1e-5);
      const trained = bench.read();
      close(trained['tap:gate'], gateOf(mean, variance));
      close(trained.logits, mixOf(gateOf(mean, variance)));
      const [movedMean, movedVariance] = [mean.mul(0.1), variance.mul(0.1).add(0.9)];
      close(of('mean'), movedMean);
      close(of('variance'), movedVariance);
      const used = bench.read(bench.members, { training: false });
      close(used['tap:gate'], gateOf(movedMean, movedVariance));
      close(used.logits, mixOf(gateOf(movedMean, movedVariance)));
      close(of('mean'), movedMean);
    });
    bench.dispose();
  });

  it('sends the gradient that tfjs finds for the formula', () => {
    const bench = derivedBench(node, sized);
    tf.tidy(() => {
      const of = (name: string): tf.Tensor => bench.variables[name] as tf.Tensor;
      const taps = bench.members['net']?.['tap:block'] as tf.Tensor;
      const weights = tf.linspace(-1, 2, 18).reshape([6, 3]);
      const ours = tf.grad((f: tf.Tensor) => bench.read({ ...bench.members, net: { 'tap:block': f } }).logits.mul(weights).sum());
      const theirs = tf.grad((f: tf.Tensor) => {
        const scores = tf.mean(f, [1, 2]).matMul(of('kernel'));
        const { mean, variance } = tf.moments(scores, 0);
        const gate = tf.softmax(tf.relu(scores.sub(mean).div(tf.sqrt(variance.add(1e-5)))));
        const stacked = tf.stack([bench.members['a']?.['logits'] as tf.Tensor, bench.members['b']?.['logits'] as tf.Tensor], 1);
        return stacked.mul(gate.expandDims(-1)).sum(1).mul(weights).sum();
      });
      const [a, b] = [ours(taps), theirs(taps)];
      expect(tf.max(tf.abs(b)).dataSync()[0]).toBeGreaterThan(1e-3);
      expect(tf.max(tf.abs(a.sub(b))).dataSync()[0]).toBeLessThan(1e-5);
    });
    bench.dispose();
  });

  it('reads features of one node and logits of the others, or both of a node that is mixed as well', () => {
    expect(Object.fromEntries(node.of.map((name) => [name, readsOf(node, name)]))).toEqual({ a: ['logits'], b: ['logits'], net: ['tap:block'] });
    const own = gated({ of: ['a', 'b'], by: 'a', at: 'block' });
    expect(Object.fromEntries(own.of.map((name) => [name, readsOf(own, name)]))).toEqual({ a: ['logits', 'tap:block'], b: ['logits'] });
  });
});
