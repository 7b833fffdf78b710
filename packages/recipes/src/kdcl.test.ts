import { type Derived, defineView, type Run } from '@codistill/core';
import { cnn } from '@codistill/models';
import { sgd } from '@codistill/optimizers';
import { derivedBench, testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { expectTypeOf } from 'expect-type';
import { begin, graphOf, of, train } from '../fixtures/trained.ts';
import { kdcl, type KdclTarget } from './index.ts';

testOn('cpu');
// On a busy machine.
import.meta.jest.setTimeout(60_000);

const net = cnn({ channels: [3, 4] });
const options = { students: { a: net, b: net }, optimizer: sgd({ lr: 0.1 }) };

type Logits = readonly number[];
const softmax = (z: Logits): number[] => {
  const odds = z.map((x) => Math.exp(x));
  const sum = odds.reduce((total, x) => total + x, 0);
  return odds.map((x) => x / sum);
};
const entropy = (z: Logits, label: number): number => -Math.log(softmax(z)[label] ?? NaN);
const mixed = (a: Logits, b: Logits, share: number): number[] => a.map((x, c) => share * x + (1 - share) * (b[c] ?? NaN));
const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

/** The share of the one, of `C⁻¹1 / (1ᵀC⁻¹1)` for two. */
const [variance, covariance, other] = [0.5, 0.1, 0.2];
const leastVariance = (other - covariance) / (variance + other - 2 * covariance);

/** The formulas of the paper, as the third party has them, for one example of two students, or where they mix, a share for the batch. */
const formulas: Readonly<Record<KdclTarget, (a: readonly Logits[], b: readonly Logits[], label: (row: number) => number) => readonly Logits[]>> = {
  naive: (a, b, label) => a.map((z, row) => (entropy(z, label(row)) <= entropy(b[row] ?? [], label(row)) ? z : (b[row] ?? []))),
  minLogit: (a, b, label) => a.map((z, row) => z.map((x, c) => Math.min(x - (z[label(row)] ?? NaN), (b[row]?.[c] ?? NaN) - (b[row]?.[label(row)] ?? NaN)))),
  linear: (a, b, label) => {
    const losses = Array.from({ length: 1001 }, (_, at) => mean(a.map((z, row) => entropy(mixed(z, b[row] ?? [], at / 1000), label(row)))));
    return a.map((z, row) => mixed(z, b[row] ?? [], losses.indexOf(Math.min(...losses)) / 1000));
  },
  general: (a, b) => a.map((z, row) => mixed(z, b[row] ?? [], leastVariance)),
};

const targetOf = async (rule: KdclTarget): Promise<Derived> => {
  const { derived } = await graphOf((chain) => kdcl(chain, { ...options, target: rule }));
  return derived['target'] as Derived;
};

it.each(Object.keys(formulas) as KdclTarget[])('%s: the target is its formula', async (rule) => {
  const bench = derivedBench(await targetOf(rule), { batch: 6, seed: 2 });
  tf.tidy(() => {
    bench.variables['covariance']?.assign(tf.tensor2d([[variance, covariance], [covariance, other]]));
    const [a, b] = ['a', 'b'].map((name) => (bench.members[name]?.['logits'] as tf.Tensor2D).arraySync()) as [number[][], number[][]];
    const found = (bench.read().logits as tf.Tensor2D).arraySync();
    const expected = formulas[rule](a, b, (row) => row % 3);
    // A share of a grid, and of an iteration, are as near as that.
    found.forEach((z, row) => z.forEach((x, c) => expect(x).toBeCloseTo(expected[row]?.[c] ?? NaN, rule === 'linear' ? 1 : 4)));
  });
  bench.dispose();
});

it('all learn from the same target at once, at τ = 2', () => {
  const heard = kdcl(begin(), options).spec().edges.flatMap(({ from, to, term, gradient }) => (from === 'labels' ? [] : [[from, to, term.options['temperature'], gradient]]));
  expect(heard).toEqual([['target', 'a', 2, 'to'], ['target', 'b', 2, 'to']]);
});

it('each rule teaches something else', async () => {
  const rules = Object.keys(formulas) as KdclTarget[];
  const taught = await Promise.all(rules.map(async (target) => JSON.stringify(of((await train(await kdcl(begin(), { ...options, target }).build(), { epochs: 1 })).weights, 'a'))));
  expect(new Set(taught).size).toBe(rules.length);
});

it('each student draws its own augmentation, of one kind', async () => {
  const keys: string[] = [];
  const drawn = defineView({ name: 'drawn' }, (batch, key) => {
    keys.push(key.join());
    return { ...batch, input: { ...batch.input, values: batch.input.values.map((x) => x * (1 + (key[0] % 7))) } };
  });
  const apart = kdcl(begin(), { ...options, augmentation: drawn });
  expect(apart.spec().nodes.flatMap(({ name, views }) => (views === undefined ? [] : [[name, views[0]?.name]]))).toEqual([['a', 'drawn'], ['b', 'drawn']]);
  const run = await apart.build();
  keys.length = 0;
  const { weights } = await train(run, { epochs: 1 });
  expect(new Set(keys).size).toBe(4);
  const plain = await train(await kdcl(begin(), options).build(), { epochs: 1 });
  expect(of(weights, 'a')).not.toEqual(of(plain.weights, 'a'));
});

it('knows its nodes by name, and refuses a student alone', () => {
  expectTypeOf(kdcl(begin(), options).build).returns.resolves.toEqualTypeOf<Run<'a' | 'b' | 'target'>>();
  expect(() => kdcl(begin(), { students: { a: net } })).toThrow('minLogit');
});
