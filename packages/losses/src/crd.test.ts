import { readFileSync } from 'node:fs';
import { type BatchContext, CodistillError, defineTerm, key, type LabelKind, type Readings, type Term } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, type Nested, termContext, testLaws, testOn, testTerm } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { crd, type CrdOptions } from './crd.ts';

type OnLast<Kind extends LabelKind> = Term<'crd', 'node', 'tap:last', Kind>;
type Besides = Pick<BatchContext<'class'>, 'labels' | 'ids'>;

interface Case extends GoldenTerm {
  readonly params: Omit<CrdOptions<'last'>, 'at'>;
  readonly ids: number[];
  readonly labels: { readonly class: number[][] };
  readonly buffers: NonNullable<GoldenTerm['parameters']>;
  readonly after: { readonly [buffer: string]: Nested };
}
const golden = JSON.parse(readFileSync(new URL('./crd.golden.json', import.meta.url), 'utf8')) as { cases: Case[] };

/** Lends a term labels and ids, so that whatever checks terms between nodes checks this one. */
const given = (term: OnLast<'class'>, besides: (source: tf.Tensor) => Besides): OnLast<never> =>
  defineTerm({
    package: term.package,
    name: term.name,
    options: term.options,
    from: 'node',
    needs: term.needs,
    ...(term.state && { state: term.state }),
    compute: (to: Readings<'tap:last'>, from: Readings<'tap:last'>, context) => {
      const { ids, labels } = besides(from['tap:last']);
      // Ids come with the batch: what a variable holds is not differentiated, however it was made.
      const held = [tf.variable(ids, false), tf.variable(labels.class, false)] as const;
      try {
        const all: BatchContext<'class'> = { ...context, ids: held[0] as tf.Tensor as tf.Tensor1D, labels: { class: held[1] } };
        return term.compute(to, from, all);
      } finally {
        tf.dispose([...held]);
      }
    },
  });

/** An id and a class that go with the example and not with its place: read off the largest number the source has for it. */
const ofTheSource = (source: tf.Tensor): Besides => {
  const largest = source.argMax<tf.Tensor1D>(-1).cast<tf.Tensor1D>('int32');
  return { ids: largest, labels: { class: tf.oneHot(largest.cast('int32'), 6).cast('float32') } };
};

const ofTheCase = (one: Case): Besides => ({ ids: tf.tensor1d(one.ids, 'int32'), labels: { class: tf.tensor2d(one.labels.class) } });

testOn('cpu');

testTerm(given(crd({ at: 'last', examples: 9, width: 5, temperature: 0.5, negatives: 8 }), ofTheSource), {
  examplesInteract: true,
  shapes: { 'tap:last': [4] },
  sourceShapes: { 'tap:last': [6] },
  laws: ['nonNegative'],
});
testTerm(given(crd({ at: 'last', examples: 9, width: 16 }), ofTheSource), { examplesInteract: true, shapes: { 'tap:last': [6] }, laws: ['nonNegative'] });

testLaws(
  'crd equals NumPy',
  golden.cases.map((one) => goldenTermLaw(given(crd({ at: 'last', ...one.params }), () => ofTheCase(one)), { ...one, parameters: { ...one.parameters, ...one.buffers } })),
);

describe('crd', () => {
  it.each(golden.cases.map((one) => [one.name, one] as const))('moves its bank after using it: %s', (_, one) => {
    const term = given(crd({ at: 'last', ...one.params }), () => ofTheCase(one));
    const variables = tf.tidy(() => Object.fromEntries(Object.entries({ ...one.parameters, ...one.buffers }).map(([name, values]) => [name, tf.variable(tf.tensor(values as number[][]))])));
    tf.tidy(() => {
      const [s, t] = [tf.tensor(one.to['tap:last'] as number[][]), tf.tensor(one.from['tap:last'] as number[][])];
      // Inside a gradient, as in training: the way back must see the bank as it was.
      const loss = (x: tf.Tensor): tf.Tensor => term.compute({ 'tap:last': x }, { 'tap:last': t }, termContext(term, { variables })).mean();
      const gradient = tf.grad(loss)(s);
      expect(gradient.sub(tf.tensor(one.gradients?.to?.['tap:last'] as number[][])).abs().max().dataSync()[0]).toBeLessThan(1e-4);
      for (const [name, values] of Object.entries(one.after)) {
        expect(variables[name]?.sub(tf.tensor(values as number[][])).abs().max().dataSync()[0]).toBeLessThan(1e-6);
      }
      const unmet = (one.buffers['class'] as number[]).map((_, row) => row).filter((row) => !one.ids.includes(row));
      for (const bank of ['learner/bank', 'source/bank']) {
        expect(tf.gather(variables[bank] as tf.Tensor, unmet).sub(tf.gather(tf.tensor(one.buffers[bank] as number[][]), unmet)).abs().max().dataSync()).toEqual(Float32Array.of(0));
      }
    });
    tf.dispose(variables);
  });

  it('gives an example that is in a batch twice the mean of both visits', () => {
    const term = crd({ at: 'last', examples: 3, width: 2, momentum: 0 });
    const state = term.state?.({ to: { 'tap:last': [1, 2] }, from: { 'tap:last': [1, 2] } }, key(1)) ?? { parameters: {}, buffers: {} };
    const eye = [[1, 0], [0, 1]];
    const variables = tf.tidy(() => ({
      ...Object.fromEntries(Object.entries({ ...state.parameters, ...state.buffers }).map(([name, { shape, values }]) => [name, tf.variable(tf.tensor(values, [...shape]))])),
      'other/kernel': tf.variable(tf.tensor2d(eye)),
    }));
    tf.tidy(() => {
      for (const end of ['learner', 'source'] as const) (variables as Record<string, tf.Variable>)[`${end}/kernel`]?.assign(tf.tensor2d(eye));
      const both = { 'tap:last': tf.tensor2d([[1, 0], [0, 1]]) };
      const twice = given(term, () => ({ ids: tf.tensor1d([1, 1], 'int32'), labels: { class: tf.tensor2d([[1, 0], [1, 0]]) } }));
      twice.compute(both, both, termContext(twice, { variables }));
      const rows = [...((variables as Record<string, tf.Variable>)['learner/bank']?.dataSync() ?? [])];
      expect(rows.slice(2, 4)).toEqual([0.5, 0.5].map((half) => expect.closeTo(half, 6) as number));
    });
    tf.dispose(variables);
  });

  it('begins with rows of length 1 and no known class', () => {
    const state = crd({ at: 'last', examples: 4, width: 3 }).state?.({ to: { 'tap:last': [1, 2, 2, 5] }, from: { 'tap:last': [1, 7] } }, key(1));
    expect(Object.entries({ ...state?.parameters, ...state?.buffers }).map(([name, { shape }]) => [name, shape])).toEqual([
      ['learner/kernel', [20, 3]],
      ['learner/bias', [3]],
      ['source/kernel', [7, 3]],
      ['source/bias', [3]],
      ['learner/bank', [4, 3]],
      ['source/bank', [4, 3]],
      ['class', [4]],
    ]);
    const bank = state?.buffers['learner/bank']?.values ?? [];
    expect(Math.hypot(bank[3] ?? NaN, bank[4] ?? NaN, bank[5] ?? NaN)).toBeCloseTo(1, 6);
    expect([...(state?.buffers['class']?.values ?? [])]).toEqual([-1, -1, -1, -1]);
  });

  it.each([
    [{ examples: 0 }, 'crd: examples must be a whole number of at least 1, not 0.'],
    [{ examples: 9, temperature: 0 }, 'crd: temperature must be a number above 0, not 0.'],
    [{ examples: 9, momentum: 1 }, 'crd: momentum must be at least 0 and below 1, not 1.'],
  ])('refuses %j', (options, sentence) => {
    expect(() => crd({ at: 'last', ...options })).toThrow(new CodistillError('OPTION_INVALID', sentence));
  });
});
