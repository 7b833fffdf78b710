import { CodistillError, detach, readsOf } from '@codistill/core';
import { derivedBench, testDerived, testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { instanceWeighted } from './instance-weighted.ts';

testOn('cpu');

const node = instanceWeighted({ of: ['t1', 't2', 't3'], by: 's', at: 'last', temperature: 5 });
const sized = { shapes: { 'tap:last': [2, 3, 4] } } as const;

testDerived(node, { ...sized, detached: ['s/tap:last'] });
testDerived(instanceWeighted({ of: ['t1', 't2'], by: 's', at: 'pooled' }), { detached: ['s/tap:pooled'] });

describe('instanceWeighted', () => {
  it('emits logits whose softmax at T is the mixture of probabilities, by weights of the formula', () => {
    const bench = derivedBench(node, sized);
    tf.tidy(() => {
      const emitted = bench.read();
      const strongest = tf.max(bench.members['s']?.['tap:last'] as tf.Tensor, [1, 2]);
      const [latent, W] = [bench.variables['latent'], bench.variables['W']] as [tf.Tensor, tf.Tensor];
      const scores = tf.stack(tf.unstack(latent).map((θ) => strongest.mul(θ).mul(W).sum(1)), 1);
      const weights = tf.softmax(scores);
      const q = tf.addN(['t1', 't2', 't3'].map((name, at) => tf.softmax((bench.members[name]?.['logits'] as tf.Tensor).div(5)).mul(weights.slice([0, at], [-1, 1]))));
      const far = (a: tf.Tensor | undefined, b: tf.Tensor): number => tf.max(tf.abs((a as tf.Tensor).sub(b))).dataSync()[0] ?? NaN;
      expect(far(emitted['tap:weights'], weights)).toBeLessThan(1e-5);
      expect(far(tf.softmax((emitted.logits).div(5)), q)).toBeLessThan(1e-6);
      // T log q needs no normalising: its softmax at T has the denominator 1.
      expect(far(tf.logSumExp((emitted.logits).div(5), 1), tf.zeros([5]))).toBeLessThan(1e-6);
    });
    bench.dispose();
  });

  it('sends θ and W the gradient of the published form, but none to the student', () => {
    const bench = derivedBench(node, sized);
    tf.tidy(() => {
      const target = tf.softmax(tf.linspace(-1, 2, 15).reshape([5, 3]));
      const kl = (logits: tf.Tensor): tf.Scalar => {
        const logQ = tf.logSoftmax(logits.div(5));
        return logQ.exp().mul(logQ.sub(tf.log(target))).sum<tf.Scalar>();
      };
      const [latent, W] = [bench.variables['latent'], bench.variables['W']] as [tf.Variable, tf.Variable];
      const ours = tf.variableGrads(() => kl(bench.read().logits), [latent, W]).grads;
      const theirs = tf.variableGrads(() => {
        const strongest = tf.max(detach(bench.members['s']?.['tap:last'] as tf.Tensor), [1, 2]);
        const w = tf.softmax(tf.stack(tf.unstack(latent).map((θ) => strongest.mul(θ).mul(W).sum(1)), 1));
        const q = tf.addN(['t1', 't2', 't3'].map((name, at) => tf.softmax((bench.members[name]?.['logits'] as tf.Tensor).div(5)).mul(w.slice([0, at], [-1, 1]))));
        return q.mul(tf.log(q).sub(tf.log(target))).sum<tf.Scalar>();
      }, [latent, W]).grads;
      for (const { name } of [latent, W]) {
        const [a, b] = [ours[name], theirs[name]] as [tf.Tensor, tf.Tensor];
        expect(tf.max(tf.abs(b)).dataSync()[0]).toBeGreaterThan(1e-2);
        expect(tf.max(tf.abs(a.sub(b))).dataSync()[0]).toBeLessThan(1e-5);
      }
    });
    bench.dispose();
  });

  it('stays finite where teachers are certain', () => {
    const bench = derivedBench(node, sized);
    tf.tidy(() => {
      const loud = Object.fromEntries(Object.entries(bench.members).map(([name, readings]) => [name, Object.fromEntries(Object.entries(readings).map(([signal, x]) => [signal, signal === 'logits' ? x.mul(1e4) : x]))]));
      expect([...bench.read(loud).logits.dataSync()].every(Number.isFinite)).toBe(true);
    });
    bench.dispose();
  });

  it('reads features of the student and logits of teachers, and sees what the student sees', () => {
    expect(node.of).toEqual(['s', 't1', 't2', 't3']);
    expect(node.of.map((name) => readsOf(node, name))).toEqual([['tap:last'], ['logits'], ['logits'], ['logits']]);
  });

  it('refuses a student among its teachers', () => {
    expect(() => instanceWeighted({ of: ['t1', 's'], by: 's', at: 'last' })).toThrow(
      new CodistillError('OPTION_INVALID', "instanceWeighted: of must be different nodes, and none of them 's', not '[t1, s]'."),
    );
    expect(() => instanceWeighted({ of: [], by: 's', at: 'last' })).toThrow("'instanceWeighted' was given no node to combine");
    expect(() => instanceWeighted({ of: ['t'], by: 's', at: 'last', temperature: 0 })).toThrow('instanceWeighted: temperature must be a number above 0, not 0.');
  });
});
