import { readFileSync } from 'node:fs';
import { CodistillError } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, termContext, testLaws, testOn, testTerm } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { ofd, type OfdOptions } from './ofd.ts';

const golden = JSON.parse(readFileSync(new URL('./ofd.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: Pick<OfdOptions<'last'>, 'margins'> })[];
};

testOn('cpu');

testTerm(ofd({ at: 'last' }), { laws: ['nonNegative'] });
testTerm(ofd({ at: 'last', project: true }), { shapes: { 'tap:last': [4, 4, 3] }, sourceShapes: { 'tap:last': [4, 4, 5] }, laws: ['nonNegative'] });
testTerm(ofd({ at: 'pooled', margins: [0, -0.5, -1] }), { shapes: { 'tap:pooled': [3] }, laws: ['nonNegative'] });

testLaws('ofd equals PyTorch', golden.cases.map((one) => goldenTermLaw(ofd({ at: 'last', ...one.params }), one)));

describe('ofd', () => {
  it('takes its margins from the negative responses of the batch', () => {
    tf.tidy(() => {
      const [s, t] = [tf.tensor2d([[-1.5, 2], [0, -3]]), tf.tensor2d([[-1, 1], [-3, 0.5]])];
      const [own, told] = [ofd({ at: 'pooled' }), ofd({ at: 'pooled', margins: [-2, 0] })];
      const value = (term: typeof own): readonly number[] => [...term.compute({ 'tap:pooled': s }, { 'tap:pooled': t }, termContext(term)).dataSync()];
      // Channel 0: t = (−1, −2), s = (−1.5, 0): only the second is above. Channel 1: t = (1, 0.5), both count.
      expect(value(own)).toEqual([1, 4 + 12.25]);
      expect(value(told)).toEqual(value(own));
    });
  });

  it('asks for a projection where widths differ, and one margin per channel', () => {
    const ends = { from: { 'tap:last': [1, 8] }, to: { 'tap:last': [1, 4] } };
    expect(() => ofd({ at: 'last' }).state?.(ends, [0, 0])).toThrow(
      new CodistillError('TAP_WIDTH', "loss 'ofd': tap 'last' is 8 wide in the source and 4 in the learner. Add a projection: ofd({ at: 'last', project: true })."),
    );
    expect(() => ofd({ at: 'last', project: true, margins: [-1] }).state?.(ends, [0, 0])).toThrow(
      new CodistillError('CHANNELS_COUNT', "loss 'ofd': margins has 1 number but tap 'last' has 8 channels in the source. Give one per channel."),
    );
    expect(() => ofd({ at: 'last', margins: [1] })).toThrow(new CodistillError('OPTION_INVALID', 'ofd: each of margins must be a number of at most 0, not 1.'));
  });
});
