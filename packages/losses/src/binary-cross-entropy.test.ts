import { readFileSync } from 'node:fs';
import { CodistillError } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, testLaws, testOn, testTerm } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { binaryCrossEntropy, type BinaryCrossEntropyOptions } from './binary-cross-entropy.ts';

const golden = JSON.parse(readFileSync(new URL('./binary-cross-entropy.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: BinaryCrossEntropyOptions })[];
};

testOn('cpu');

testTerm(binaryCrossEntropy(), {
  laws: ['nonNegative'],
  closedFormGradient: ({ logits }, { class: y }) => ({ logits: tf.sigmoid(logits).sub(y).div(logits.size) }),
});
testTerm(binaryCrossEntropy({ positiveWeights: [1, 2, 0.5, 4, 1] }), { classes: 5, laws: ['nonNegative'] });

testLaws('binaryCrossEntropy equals PyTorch', golden.cases.map((one) => goldenTermLaw(binaryCrossEntropy(one.params), one)));

describe('binaryCrossEntropy', () => {
  it('wants a weight above 0 for each class', () => {
    expect(() => binaryCrossEntropy({ positiveWeights: [1, 0] })).toThrow(
      new CodistillError('OPTION_INVALID', 'binaryCrossEntropy: each of positiveWeights must be a number above 0, not 0.'),
    );
    expect(() => binaryCrossEntropy({ positiveWeights: [1, 2] }).state?.({ to: { logits: [1, 3] }, from: {} }, [0, 0])).toThrow(
      new CodistillError('CLASS_WEIGHTS_COUNT', "loss 'binaryCrossEntropy': there are 2 class weights but the logits have 3 classes. Give one weight per class."),
    );
  });
});
