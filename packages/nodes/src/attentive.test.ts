import { CodistillError, key } from '@codistill/core';
import { derivedBench, testDerived, testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { attentive } from './attentive.ts';

testOn('cpu');

testDerived(attentive({ of: ['a', 'b', 'c'], at: 'pooled', reduce: 2 }));
testDerived(attentive({ of: ['a', 'b'], at: 'last', reduce: 2 }), { shapes: { 'tap:last': [2, 2, 4] } });

describe('attentive', () => {
  it('equals its formula, example by example', () => {
    const names = ['a', 'b', 'c'] as const;
    const bench = derivedBench(attentive({ of: names, at: 'pooled', reduce: 3 }));
    tf.tidy(() => {
      const rows = (tensor: tf.Tensor | undefined): number[][] => (tensor as tf.Tensor2D).arraySync();
      const [query, keys] = [rows(bench.variables['query']), rows(bench.variables['key'])];
      expect([query.length, query[0]?.length]).toEqual([6, 2]);
      const map = (f: readonly number[], k: number[][]): number[] => [0, 1].map((to) => f.reduce((sum, x, from) => sum + x * (k[from]?.[to] ?? NaN), 0));
      const features = names.map((name) => rows(bench.members[name]?.['tap:pooled']));
      const logits = names.map((name) => rows(bench.members[name]?.['logits']));
      const emitted = bench.read();
      for (const [a, name] of names.entries()) {
        const target = rows(emitted[`tap:${name}/target`]);
        for (let example = 0; example < 5; example++) {
          const q = map(features[a]?.[example] ?? [], query);
          const scores = names.map((_, b) => map(features[b]?.[example] ?? [], keys).reduce((sum, k, at) => sum + k * (q[at] ?? NaN), 0));
          const odds = scores.map(Math.exp);
          const all = odds.reduce((sum, one) => sum + one, 0);
          for (let c = 0; c < 3; c++) {
            const expected = odds.reduce((sum, one, b) => sum + (one / all) * (logits[b]?.[example]?.[c] ?? NaN), 0);
            expect(target[example]?.[c]).toBeCloseTo(expected, 5);
          }
        }
      }
    });
    bench.dispose();
  });

  it('gives every peer the same where features are the same', () => {
    const bench = derivedBench(attentive({ of: ['a', 'b'], at: 'pooled' }));
    tf.tidy(() => {
      const same = bench.members['a']?.['tap:pooled'] as tf.Tensor;
      const [a, b] = ['a', 'b'].map((name) => bench.members[name]?.['logits'] as tf.Tensor) as [tf.Tensor, tf.Tensor];
      const emitted = bench.read({ a: { logits: a, 'tap:pooled': same }, b: { logits: b, 'tap:pooled': same } });
      const mean = a.add(b).div(2);
      for (const target of Object.values(emitted)) expect(tf.max(tf.abs(mean.sub(target))).dataSync()[0]).toBeLessThan(1e-6);
    });
    bench.dispose();
  });

  it('refuses peers of different widths', () => {
    const shapes = [{ 'tap:pooled': [1, 8] }, { 'tap:pooled': [1, 16] }];
    expect(() => attentive({ of: ['a', 'b'], at: 'pooled' }).state?.(shapes, key(1), 3)).toThrow(
      new CodistillError('PEERS_DIFFER', "attentive: tap 'pooled' of its members is 8, 16 wide, and must be equally wide in all. Use peers of one width."),
    );
    expect(() => attentive({ of: ['a', 'b'], at: 'pooled', reduce: 0 })).toThrow(new CodistillError('OPTION_INVALID', 'attentive: reduce must be a number of at least 1, not 0.'));
  });

  it('says its targets in its type', () => {
    const targets: readonly ('tap:a/target' | 'tap:b/target')[] = attentive({ of: ['a', 'b'], at: 'pooled' }).emits;
    expect(targets).toEqual(['tap:a/target', 'tap:b/target']);
  });
});
