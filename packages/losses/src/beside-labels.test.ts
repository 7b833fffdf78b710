/** Terms between nodes that read labels too. */
import { readFileSync } from 'node:fs';
import { type BatchContext, classification, CodistillError, defineTerm, type Readings, type Term } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, termContext, testLaws, testOn, testTerm } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { dkd, type DkdOptions } from './dkd.ts';
import { kd } from './kd.ts';
import { nkd, type NkdOptions } from './nkd.ts';

type Labelled<Name extends string> = Term<Name, 'node', 'logits', 'class'>;
type Plain<Name extends string> = Term<Name, 'node', 'logits', never>;

/** Lends a term labels, so that whatever checks terms between nodes checks this one. */
const given = <Name extends string>(term: Labelled<Name>, labels: (source: tf.Tensor) => tf.Tensor): Plain<Name> =>
  defineTerm({
    package: term.package,
    name: term.name,
    options: term.options,
    from: 'node',
    needs: term.needs,
    scalars: term.scalars,
    compute: (to: Readings<'logits'>, from: Readings<'logits'>, context) => {
      const besides: BatchContext<'class'> = { ...context, labels: { class: labels(from.logits) }, parameters: () => ({}), ids: tf.zeros([1], 'int32') };
      return term.compute(to, from, besides);
    },
  });

/** The source's least likely class: any label would do that goes with its example. */
const unlikeliest = (source: tf.Tensor): tf.Tensor => tf.oneHot(source.argMin(-1), source.shape.at(-1) ?? 1).cast('float32');

interface Case extends GoldenTerm {
  readonly params: DkdOptions & NkdOptions;
  readonly labels: { readonly class: number[][] };
}
const casesOf = (name: string): readonly Case[] =>
  (JSON.parse(readFileSync(new URL(`./${name}.golden.json`, import.meta.url), 'utf8')) as { cases: Case[] }).cases;

testOn('cpu');

testTerm(given(dkd(), unlikeliest), { laws: ['zeroWhenEqual', 'nonNegative', 'shiftInvariant'] });
testTerm(given(dkd({ temperature: 1, beta: 0.5 }), unlikeliest), { laws: ['zeroWhenEqual', 'nonNegative', 'shiftInvariant'] });
testTerm(given(nkd(), unlikeliest), { laws: ['nonNegative', 'shiftInvariant'] });
testTerm(given(nkd({ temperature: 3, gamma: 1 }), unlikeliest), { laws: ['nonNegative', 'shiftInvariant'] });

testLaws('dkd equals PyTorch', casesOf('dkd').map((one) => goldenTermLaw(given(dkd(one.params), () => tf.tensor2d(one.labels.class)), one)));
testLaws('nkd equals PyTorch', casesOf('nkd').map((one) => goldenTermLaw(given(nkd(one.params), () => tf.tensor2d(one.labels.class)), one)));

const valuesOf = <Name extends string>(term: Plain<Name>, to: number[][], from: number[][]): readonly number[] =>
  tf.tidy(() => [...term.compute({ logits: tf.tensor2d(to) }, { logits: tf.tensor2d(from) }, termContext(term)).dataSync()]);

describe('dkd', () => {
  it('is kd where beta is what the source leaves beside the target', () => {
    const [s, t, y] = [[[1.5, -0.5, 0.25]], [[0.5, 1, -2]], [[0, 1, 0]]];
    const odds = (t[0] ?? []).map(Math.exp);
    const beta = 1 - (odds[1] ?? NaN) / odds.reduce((sum, one) => sum + one, 0);
    const [value] = valuesOf(given(dkd({ temperature: 1, beta }), () => tf.tensor2d(y)), s, t);
    expect(value).toBeCloseTo(valuesOf(kd(), s, t)[0] ?? NaN, 6);
  });

  it('takes the largest share of a mixed label', () => {
    const [s, t] = [[[1.5, -0.5, 0.25]], [[0.5, 1, -2]]];
    const [mixed, pure] = [[[0.1, 0.6, 0.3]], [[0, 1, 0]]].map((y) => valuesOf(given(dkd(), () => tf.tensor2d(y)), s, t));
    expect(mixed).toEqual(pure);
  });

  it('refuses two classes, and says why', () => {
    expect(dkd().refuses?.(classification(2))).toBe(
      "loss 'dkd' teaches nothing of its own with 2 classes: one class is left beside the target, so that beta multiplies 0. Use kd with weight 1.",
    );
    expect(dkd().refuses?.(classification(3))).toBeUndefined();
  });

  it('refuses negative weights', () => {
    expect(() => dkd({ beta: -8 })).toThrow(new CodistillError('OPTION_INVALID', 'dkd: beta must be a number of at least 0, not -8.'));
  });
});

describe('nkd', () => {
  it('has no gradient in the other classes where both ends agree', () => {
    tf.tidy(() => {
      const term = given(nkd({ temperature: 2 }), () => tf.tensor2d([[0, 1, 0]]));
      const [z, source] = [tf.tensor2d([[1.5, -0.5, 0.25]]), tf.tensor2d([[1.5, -0.5, 0.25]])];
      const loss = (s: tf.Tensor): tf.Tensor => term.compute({ logits: s }, { logits: source }, termContext(term)).mean();
      // The target's part is no divergence, and has one of its own.
      const ofOthers = given(nkd({ temperature: 2, gamma: 0 }), () => tf.tensor2d([[0, 1, 0]]));
      const rest = (s: tf.Tensor): tf.Tensor => ofOthers.compute({ logits: s }, { logits: source }, termContext(ofOthers)).mean();
      const difference = tf.grad(loss)(z).sub(tf.grad(rest)(z)).abs().max().dataSync()[0];
      expect(difference).toBeLessThan(1e-6);
    });
  });

  it('refuses two classes, and says why', () => {
    expect(nkd().refuses?.(classification(2))).toBe(
      "loss 'nkd' teaches nothing of its own with 2 classes: one class is left beside the target, so that gamma multiplies 0. Use kd.",
    );
  });
});
