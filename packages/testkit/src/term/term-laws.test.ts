import { defineSchedule, defineTerm, key, type Scheduled, type Signal, type Term, uniform } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { testOn } from '../test-on.ts';
import { testTerm } from '../test-term.ts';
import type { TermLawOptions } from './term-law-options.ts';
import { termLaws } from './term-laws.ts';

testOn('cpu');

const squares = (s: tf.Tensor, t: tf.Tensor): tf.Tensor => tf.squaredDifference(s, t).mean(-1);

/** A term that obeys every law, to plant one fault at a time in. */
const good = (fault: Partial<Parameters<typeof defineTerm<'bad', 'node', Signal>>[0]>): Term =>
  defineTerm({ name: 'bad', from: 'node', needs: ['logits'], compute: (s, t) => squares(s.logits, t.logits), ...fault });

/** Laws that a term fails, by name, with what they say. */
const failures = async (term: Term, options: TermLawOptions = {}): Promise<Map<string, string>> => {
  const failed = new Map<string, string>();
  for (const law of termLaws(term, options)) {
    try {
      await law.check();
    } catch (error) {
      failed.set(law.name, (error as Error).message);
    }
  }
  return failed;
};

describe('a good term', () => {
  const kd = (temperature: Scheduled): Term<'kd', 'node', 'logits', never> =>
    defineTerm({
      name: 'kd',
      from: 'node',
      needs: ['logits'],
      scalars: { temperature },
      compute: (student, teacher, context) => {
        const T = context.scalar('temperature');
        const [logP, logQ] = [context.logSoftmax(teacher.logits, T), context.logSoftmax(student.logits, T)];
        return logP.exp().mul(logP.sub(logQ)).sum(-1).mul(T.square());
      },
    });
  testTerm(kd(4), {
    laws: ['zeroWhenEqual', 'nonNegative', 'shiftInvariant'],
    closedFormGradient: (s, t) => ({ logits: tf.softmax(s.logits.div(4)).sub(tf.softmax(t.logits.div(4))) }),
    golden: [{ name: 'by hand', to: { logits: [[0, 0]] }, from: { logits: [[0, 0]] }, value: 0, gradients: { to: { logits: [[0, 0]] } } }],
  });
  testTerm(kd(defineSchedule({ name: 'falling' }, ({ epoch }) => 8 - epoch)), { batch: 7, seed: 5 });
  testTerm(good({ compute: (s, t) => squares(s.logits, t.logits).mean() }));
  testTerm(
    defineTerm({ name: 'densityL2', from: 'labels', labels: 'density', needs: ['density'], compute: (n, y) => tf.squaredDifference(n.density, y.density).mean([1, 2, 3]) }),
  );
  testTerm(
    defineTerm({
      name: 'pixelCe', from: 'labels', labels: 'mask', needs: ['logits'],
      compute: (n, y, context) => y.mask.mul(context.logSoftmax(n.logits)).sum(-1).neg().mean([1, 2]),
    }),
  );
  testTerm(
    defineTerm({ name: 'boxL2', from: 'labels', labels: 'boxes', needs: ['boxes'], compute: (n, y) => tf.squaredDifference(n.boxes, y.boxes).sum(-1).mul(y.boxValid).mean(-1) }),
  );
});

describe('a term with one fault fails the law about it, in a sentence', () => {
  let remembered: tf.Tensor | undefined;
  let calls = 0;
  const leaked: tf.Tensor[] = [];
  afterEach(() => {
    tf.dispose(leaked.splice(0));
  });

  const cases: readonly (readonly [fault: string, term: Term, law: string, sentence: string | RegExp, options?: TermLawOptions])[] = [
    [
      'a value per class',
      good({ name: 'bad', compute: (s, t) => tf.squaredDifference(s.logits, t.logits) }),
      'returns one finite value per example, or a finite scalar',
      "term 'bad' returned shape [4, 5]: return one value per example, [4], or a scalar.",
    ],
    ['no tensor', good({ compute: () => 3 as unknown as tf.Tensor }), 'reads exactly what it needs', "term 'bad' returned 3: return a tensor."],
    [
      'integers',
      good({ compute: (s, t) => squares(s.logits, t.logits).toInt() }),
      'returns one finite value per example, or a finite scalar',
      "term 'bad' returned int32: return float32.",
    ],
    [
      'probabilities under a bare log',
      good({ compute: (s, t) => tf.softmax(t.logits).mul(tf.softmax(t.logits).log().sub(tf.softmax(s.logits).log())).sum(-1) }),
      'stays finite with logits of ±1e4',
      /^term 'bad' returned (NaN|-?Infinity) as the value of an example with logits of ±1e4: it must be finite\.$/,
    ],
    [
      'a norm without slope at 0',
      good({ compute: (s, t) => tf.squaredDifference(s.logits, t.logits).sum(-1).sqrt() }),
      'stays finite where both ends agree',
      "term 'bad' has a finite value but a gradient of NaN with respect to logits of the node that learns where both ends agree.",
    ],
    [
      'a division by a length',
      good({ compute: (s, t) => squares(s.logits.div(s.logits.square().sum(-1, true)), t.logits) }),
      'stays finite with readings of zero',
      "term 'bad' returned NaN as the value of an example with readings that are all zero: it must be finite.",
    ],
    [
      'a fixed class count',
      good({ compute: (s, t) => squares(s.logits.mul(tf.tensor1d([1, 1, 1, 1, 1])), t.logits) }),
      'works with 100 classes',
      "term 'bad' threw: Operands could not be broadcast together with shapes 4,100 and 5.",
    ],
    [
      'an operation without a gradient',
      good({ compute: (s, t) => tf.where(s.logits.less(t.logits), s.logits, s.logits.square()).mean(-1) }),
      'gradient equals finite differences',
      "term 'bad' threw: Cannot compute gradient: gradient function not found for Less.",
    ],
    [
      'half its gradient detached',
      good({ compute: (s, t) => squares(s.logits.add(tf.customGrad((x) => ({ value: (x as tf.Tensor).clone(), gradFunc: () => tf.zerosLike(x as tf.Tensor) }))(s.logits)), t.logits) }),
      'gradient equals finite differences',
      /^term 'bad' says that its gradient with respect to logits of the node that learns is -?[\d.e-]+ at element \d+, but differences give -?[\d.e-]+: is something detached inside, or a custom gradient wrong\?$/,
    ],
    [
      'a detached source',
      good({ compute: (s, t) => squares(s.logits, tf.customGrad((x) => ({ value: (x as tf.Tensor).clone(), gradFunc: () => tf.zerosLike(x as tf.Tensor) }))(t.logits)) }),
      'gradient equals finite differences',
      /with respect to logits of the source is 0\.000 at element/,
    ],
    [
      'no use for the student',
      good({ compute: (s, t) => squares(t.logits, t.logits.square()).add(s.logits.mul(0).sum(-1)) }),
      'gradient reaches the node that learns',
      "term 'bad' gives the node that learns no gradient: its value does not depend on 'logits' there.",
    ],
    [
      'steps with an invented slope',
      good({ compute: (s, t) => squares(tf.customGrad((x) => ({ value: (x as tf.Tensor).round(), gradFunc: (dy) => dy }))(s.logits), t.logits) }),
      'gradient equals finite differences',
      /but differences give -?[\d.]+: is something detached inside, or a custom gradient wrong\?$/,
    ],
    [
      'kinks everywhere',
      good({ compute: (s, t) => s.logits.mul(15).sin().abs().add(t.logits).mean(-1) }),
      'gradient equals finite differences',
      "term 'bad' has kinks almost everywhere in logits of the node that learns: no slope could be measured to compare its gradient with.",
    ],
    [
      'a source remembered from an earlier call',
      good({
        compute: (s, t) => {
          if (remembered === undefined || remembered.isDisposed) remembered = t.logits;
          return squares(s.logits, remembered);
        },
      }),
      'no gradient reaches a detached source',
      /^term 'bad' let a gradient of up to [\d.e-]+ into logits of the source, which was detached: use only the readings of the present call\.$/,
    ],
    [
      'a tensor kept',
      good({ compute: (s, t) => { const d = tf.keep(tf.squaredDifference(s.logits, t.logits)); leaked.push(d); return d.mean(-1); } }),
      'keeps no tensor but its result',
      "term 'bad' kept 1 tensor beside its result: everything else must be free to go, so no tf.keep and no tf.variable inside compute.",
    ],
    [
      'an input disposed',
      good({ compute: (s, t) => { const value = squares(s.logits, t.logits); t.logits.dispose(); return value; } }),
      'keeps no tensor but its result',
      "term 'bad' disposed 'logits', which it was only given to read.",
    ],
    [
      'an input handed back',
      defineTerm({ name: 'bad', from: 'node', needs: ['tap:value'], compute: (s) => s['tap:value'] }),
      'keeps no tensor but its result',
      "term 'bad' returned 'tap:value' itself: return a new tensor, for the caller disposes it.",
      { shapes: { 'tap:value': [] } },
    ],
    [
      'a value read on the host',
      good({ compute: (s, t) => squares(s.logits, t.logits).mul(s.logits.dataSync().length) }),
      'reads no value on the host',
      "term 'bad' reads a tensor's values while it computes (dataSync, data, array or print): stay on the backend, so that a step can be compiled.",
    ],
    [
      'randomness',
      good({ compute: (s, t) => squares(s.logits, t.logits).mul(1 + (uniform(key(calls++), 1)[0] ?? 0)) }),
      'same inputs, same value',
      /^term 'bad' gave [\d.]+ and then [\d.]+ for the same inputs: it must be pure, without randomness or memory\.$/,
    ],
    [
      'weights by position',
      good({ compute: (s, t) => squares(s.logits, t.logits).mul(tf.range(0, s.logits.shape[0])) }),
      'batch order does not matter',
      /^term 'bad' depends on the order of the batch: the value of example 0 is 0, and [\d.]+ with the batch reversed\.$/,
    ],
    [
      'a sum over the batch',
      good({ compute: (s, t) => squares(s.logits, t.logits).sum() }),
      'repeating the batch does not change the mean',
      /^term 'bad' has mean [\d.]+ on a batch and [\d.]+ on the same batch twice over: do not sum over the batch\.$/,
    ],
    [
      'a signal not declared',
      good({ compute: (s, t) => squares((s as Record<string, tf.Tensor>)['tap:pooled'] ?? s.logits, t.logits) }),
      'reads exactly what it needs',
      "term 'bad' reads 'tap:pooled' but declares only logits: add it to needs.",
    ],
    [
      'a signal declared in vain',
      good({ needs: ['logits', 'tap:pooled'] }),
      'reads exactly what it needs',
      "term 'bad' declares 'tap:pooled' but never reads it: drop it from needs.",
    ],
    [
      'labels of another kind',
      defineTerm({
        name: 'bad', from: 'labels', labels: 'class', needs: ['logits'],
        compute: (n, y) => squares(n.logits, (y as unknown as Record<string, tf.Tensor>)['mask'] ?? y.class),
      }),
      'reads exactly what it needs',
      "term 'bad' reads label 'mask' but its labels are 'class', which hold 'class'.",
    ],
    [
      'labels not looked at',
      defineTerm({ name: 'bad', from: 'labels', labels: 'class', needs: ['logits'], compute: (n) => n.logits.square().mean(-1) }),
      'reads exactly what it needs',
      "term 'bad' compares with labels but never reads 'class'.",
    ],
    [
      'a scalar not asked for',
      good({ scalars: { temperature: 4 }, compute: (s, t) => squares(s.logits.div(4), t.logits) }),
      'reads exactly what it needs',
      "term 'bad' declares scalar 'temperature' but never asks for it: use context.scalar(name), so that the number can change over training.",
    ],
    [
      'a scalar not declared',
      good({ scalars: { temperature: 4 }, compute: (s, t, context) => squares(s.logits, t.logits).mul(context.scalar('tau')).mul(context.scalar('temperature')) }),
      'reads exactly what it needs',
      "term 'bad' asks for scalar 'tau' but declares 'temperature': add it to scalars.",
    ],
    [
      'a parameter not used',
      good({ state: () => ({ parameters: { scale: { shape: [], values: Float32Array.of(2) } }, buffers: {} }) }),
      'reads exactly what it needs',
      "term 'bad' owns parameter 'scale' but never asks for it: use context.variable(name).",
    ],
    [
      'a variable it does not own',
      good({ compute: (s, t, context) => squares(s.logits, t.logits).mul(context.variable('scale')) }),
      'reads exactly what it needs',
      "term 'bad' asks for variable 'scale' but its state has nothing: return it from state.",
    ],
    [
      'an option that is a function',
      good({ options: { warp: ((x: number) => x) as unknown as number } }),
      'describes itself as JSON',
      "term 'bad' has an option 'warp' that JSON cannot hold: use numbers, texts, lists and parts.",
    ],
    [
      'an infinite option',
      good({ options: { limits: [0, Infinity] } }),
      'describes itself as JSON',
      "term 'bad' has an option 'limits' that JSON cannot hold: use numbers, texts, lists and parts.",
    ],
    [
      'a false claim of zeroWhenEqual',
      good({ compute: (s, t) => squares(s.logits, t.logits).add(1) }),
      'is zero when both ends agree',
      "term 'bad' is 1 where both ends agree, and not 0.",
      { laws: ['zeroWhenEqual'] },
    ],
    [
      'a false claim of nonNegative',
      good({ compute: (s, t) => squares(s.logits, t.logits).neg() }),
      'is never negative',
      /^term 'bad' takes the value -[\d.]+, although it is declared nonNegative\.$/,
      { laws: ['nonNegative'] },
    ],
    [
      'a false claim of shiftInvariant',
      good({}),
      'does not change when a constant is added to all logits',
      /^term 'bad' goes from [\d.]+ to [\d.]+ when a constant is added to all logits of the node that learns, although it is declared shiftInvariant\.$/,
      { laws: ['shiftInvariant'] },
    ],
    [
      'a false closed form',
      good({}),
      'gradient equals its closed form',
      /^term 'bad' has a gradient with respect to logits that is off its closed form by up to [\d.]+\.$/,
      { closedFormGradient: ({ logits }) => ({ logits: tf.zerosLike(logits) }) },
    ],
  ];

  for (const [fault, term, law, sentence, options] of cases) {
    it(fault, async () => {
      const failed = await failures(term, options);
      expect([...failed.keys()]).toContain(law);
      expect(failed.get(law)).toEqual(typeof sentence === 'string' ? sentence : expect.stringMatching(sentence));
      for (const said of failed.values()) expect(said).not.toMatch(/undefined/);
    });
  }

  it('and the same term without a fault fails none', async () => {
    expect(await failures(good({}))).toEqual(new Map());
  });
});
