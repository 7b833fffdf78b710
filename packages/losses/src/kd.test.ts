import { readFileSync } from 'node:fs';
import { CodistillError, defineSchedule, describe as describePart, type Term, type TermContext } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, termContext, testLaws, testOn, testTerm } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { crossEntropy } from './cross-entropy.ts';
import { kd } from './kd.ts';

const golden = JSON.parse(readFileSync(new URL('./kd.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: { temperature: number } })[];
};
const cooling = defineSchedule({ name: 'cooling' }, ({ epoch, epochs }) => 8 - (6 * epoch) / epochs);
const laws = ['zeroWhenEqual', 'nonNegative', 'shiftInvariant'] as const;

testOn('cpu');

/** ∂/∂s = τ (softmax(s/τ) − softmax(t/τ)) / B */
const closedForm =
  (τ: number) =>
  (student: { logits: tf.Tensor }, teacher: { logits: tf.Tensor }): { logits: tf.Tensor } => ({
    logits: tf.softmax(student.logits.div(τ)).sub(tf.softmax(teacher.logits.div(τ))).mul(τ / student.logits.shape[0]),
  });

testTerm(kd(), { laws, closedFormGradient: closedForm(1) });
testTerm(kd({ temperature: 4 }), { laws, closedFormGradient: closedForm(4) });
testTerm(kd({ temperature: cooling }), { laws, closedFormGradient: closedForm(8) });
testTerm(kd({ temperature: 2 }), { shapes: { logits: [3, 3, 5] }, laws });

testLaws('kd equals PyTorch', golden.cases.map((one) => goldenTermLaw(kd(one.params), one)));

describe('kd', () => {
  const temperaturesAskedBy = (term: Term, from: Record<string, tf.Tensor>): (number | undefined)[] =>
    tf.tidy(() => {
      const asked: (number | undefined)[] = [];
      const lent = termContext(term, { progress: { step: 50, steps: 100, epoch: 5, epochs: 10 } });
      const context: TermContext = {
        ...lent,
        logSoftmax: (logits, temperature) => {
          asked.push(temperature?.dataSync()[0]);
          return lent.logSoftmax(logits, temperature);
        },
      };
      term.compute({ logits: tf.tensor2d([[1, 2]]) } as never, from as never, context);
      return asked;
    });

  it('at temperature 1 asks for the log-softmax that cross-entropy asks for, and so shares it', () => {
    tf.tidy(() => {
      const rows = tf.tensor2d([[0, 1]]);
      expect(temperaturesAskedBy(crossEntropy(), { class: rows })).toEqual([undefined]);
      expect(temperaturesAskedBy(kd(), { logits: rows })).toEqual([undefined, undefined]);
      expect(temperaturesAskedBy(kd({ temperature: 3 }), { logits: rows })).toEqual([3, 3]);
    });
  });

  it('follows a schedule of its temperature', () => {
    tf.tidy(() => {
      expect(temperaturesAskedBy(kd({ temperature: cooling }), { logits: tf.tensor2d([[0, 1]]) })).toEqual([5, 5]);
    });
  });

  it('keeps the scale of its gradient at high temperatures', () => {
    const slope = (temperature: number): number =>
      tf.tidy(() => {
        const [s, t] = [tf.tensor2d([[0.5, -0.25, 0.125]]), tf.tensor2d([[-0.5, 1, 0.25]])];
        const term = kd({ temperature });
        return tf.grad((x: tf.Tensor) => term.compute({ logits: x }, { logits: t }, termContext(term)).mean())(s).norm().dataSync()[0] ?? NaN;
      });
    expect(slope(20) / slope(40)).toBeCloseTo(1, 1);
  });

  it('records its temperature, also as a schedule', () => {
    expect(describePart(kd()).options).toEqual({ temperature: 1 });
    expect(describePart(kd({ temperature: cooling })).options).toEqual({ temperature: { package: 'local', name: 'cooling', options: {} } });
    expect(kd().scalars).toEqual({});
    expect(kd({ temperature: 4 }).scalars).toEqual({ temperature: 4 });
  });

  it.each([0, -1, NaN, Infinity])('refuses temperature %d', (temperature) => {
    expect(() => kd({ temperature })).toThrow(new CodistillError('OPTION_INVALID', `kd: temperature must be a number above 0, not ${temperature}.`));
  });
});
