import { readFileSync } from 'node:fs';
import { CodistillError, describe as describePart, printPart } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, termContext, testLaws, testOn, testTerm } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { crossEntropy, type CrossEntropyOptions } from './cross-entropy.ts';

const golden = JSON.parse(readFileSync(new URL('./cross-entropy.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: CrossEntropyOptions })[];
};

testOn('cpu');

testTerm(crossEntropy(), {
  laws: ['nonNegative', 'shiftInvariant'],
  closedFormGradient: ({ logits }, { class: y }) => ({ logits: tf.softmax(logits).sub(y).div(y.shape[0]) }),
});
testTerm(crossEntropy({ labelSmoothing: 0.1 }), {
  laws: ['nonNegative', 'shiftInvariant'],
  closedFormGradient: ({ logits }, { class: y }) => ({ logits: tf.softmax(logits).sub(y.mul(0.9).add(0.1 / (y.shape[1] ?? NaN))).div(y.shape[0]) }),
});
testTerm(crossEntropy({ classWeights: [1, 2, 0.5, 4, 1] }), { classes: 5, laws: ['nonNegative', 'shiftInvariant'] });
testTerm(crossEntropy({ classWeights: [1, 2, 0.5, 4, 1], normaliseBy: 'batch', labelSmoothing: 0.2 }), { classes: 5, laws: ['nonNegative'] });

testLaws('crossEntropy equals PyTorch', golden.cases.map((one) => goldenTermLaw(crossEntropy(one.params), one)));

describe('crossEntropy', () => {
  const logits = [[1.5, -0.5, 0.25], [0.125, 2, -1]];
  const meanOf = (options: CrossEntropyOptions, rows: readonly (readonly number[])[]): number =>
    tf.tidy(() => {
      const term = crossEntropy(options);
      const value = term.compute({ logits: tf.tensor2d(logits) }, { class: tf.tensor2d(rows as number[][]) }, termContext(term));
      return value.mean().dataSync()[0] ?? NaN;
    });

  it('combines class weights and smoothing as PyTorch does: both parts over the sum of the weights', () => {
    // https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html, written out in float64
    const [w, ε, y] = [[1, 3, 0.5], 0.2, [0, 1]];
    const logP = logits.map((row) => row.map((z) => z - Math.log(row.reduce((sum, other) => sum + Math.exp(other), 0))));
    const sumW = y.reduce((sum, label) => sum + (w[label] ?? NaN), 0);
    const hard = y.reduce((sum, label, b) => sum - (w[label] ?? NaN) * (logP[b]?.[label] ?? NaN), 0) / sumW;
    const even = logP.flat().reduce((sum, value, index) => sum - (w[index % 3] ?? NaN) * value, 0) / sumW;
    const expected = (1 - ε) * hard + (ε / 3) * even;
    expect(meanOf({ classWeights: w, labelSmoothing: ε }, [[1, 0, 0], [0, 1, 0]])).toBeCloseTo(expected, 5);
  });

  it('lets equal weights cancel under weights, and not under batch', () => {
    const rows = [[1, 0, 0], [0, 0.5, 0.5]];
    const plain = meanOf({}, rows);
    expect(meanOf({ classWeights: [7, 7, 7] }, rows)).toBeCloseTo(plain, 5);
    expect(meanOf({ classWeights: [7, 7, 7], normaliseBy: 'batch' }, rows)).toBeCloseTo(7 * plain, 4);
  });

  it('names only the options that change its numbers', () => {
    expect(printPart(describePart(crossEntropy()))).toBe('crossEntropy');
    expect(describePart(crossEntropy({ classWeights: [1, 2], labelSmoothing: 0.1 }))).toEqual({
      package: '@codistill/losses',
      name: 'crossEntropy',
      options: { classWeights: [1, 2], normaliseBy: 'weights', labelSmoothing: 0.1 },
    });
  });

  it.each([
    [() => crossEntropy({ labelSmoothing: 1 }), 'crossEntropy: labelSmoothing must be at least 0 and below 1, not 1.'],
    [() => crossEntropy({ labelSmoothing: NaN }), 'crossEntropy: labelSmoothing must be at least 0 and below 1, not NaN.'],
    [() => crossEntropy({ classWeights: [1, 0] }), 'crossEntropy: each of classWeights must be a number above 0, not 0.'],
    [
      () => crossEntropy({ normaliseBy: 'sum' as 'batch' }),
      "crossEntropy: normaliseBy must be 'weights' or 'batch', not 'sum'.",
    ],
  ])('refuses an option out of range: %#', (make, sentence) => {
    expect(make).toThrow(new CodistillError('OPTION_INVALID', sentence));
  });

  it('asks for one weight per class', () => {
    const check = (): unknown => crossEntropy({ classWeights: [1, 2] }).state?.({ to: { logits: [1, 10] }, from: {} }, [0, 0]);
    expect(check).toThrow(
      new CodistillError('CLASS_WEIGHTS_COUNT', "loss 'crossEntropy': there are 2 class weights but the logits have 10 classes. Give one weight per class."),
    );
  });
});
