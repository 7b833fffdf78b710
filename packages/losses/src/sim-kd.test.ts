import { readFileSync } from 'node:fs';
import { CodistillError, key } from '@codistill/core';
import { type GoldenTerm, goldenTermLaw, termContext, testLaws, testOn, testTerm } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { simKd, type SimKdOptions } from './sim-kd.ts';

const golden = JSON.parse(readFileSync(new URL('./sim-kd.golden.json', import.meta.url), 'utf8')) as {
  cases: (GoldenTerm & { params: Pick<SimKdOptions<'last'>, 'reduction'> })[];
};

const ends = { to: { 'tap:last': [1, 4, 4, 2] }, from: { 'tap:last': [1, 4, 4, 4] } };
/** Moving averages of the right widths; the value does not depend on them. */
const averages = (parameters: GoldenTerm['parameters'] = {}): NonNullable<GoldenTerm['parameters']> =>
  Object.fromEntries(['mean', 'variance'].flatMap((part) => ['reduce', 'middle', 'expand'].map((layer) => [`${layer}/${part}`, parameters[`${layer}/beta`] ?? []])));

testOn('cpu');

// Small, for every position of every layer is a kink that differences may meet.
testTerm(simKd({ at: 'last' }), { shapes: { 'tap:last': [1, 1, 3] }, sourceShapes: { 'tap:last': [1, 1, 4] }, laws: ['nonNegative'] });
testTerm(simKd({ at: 'last', reduction: 1 }), { shapes: { 'tap:last': [2, 2, 2] }, sourceShapes: { 'tap:last': [1, 1, 3] }, laws: ['nonNegative'] });

testLaws('simKd equals NumPy', golden.cases.map((one) => goldenTermLaw(simKd({ at: 'last', ...one.params }), { ...one, parameters: { ...one.parameters, ...averages(one.parameters) } })));

describe('simKd', () => {
  it('keeps moving averages of its batches', () => {
    const term = simKd({ at: 'last' });
    const state = term.state?.(ends, key(1)) ?? { parameters: {}, buffers: {} };
    const variables = tf.tidy(() =>
      Object.fromEntries(Object.entries({ ...state.parameters, ...state.buffers }).map(([name, { shape, values }]) => [name, tf.variable(tf.tensor(values, [...shape]))])),
    );
    tf.tidy(() => {
      const [s, t] = [tf.range(0, 96).reshape([3, 4, 4, 2]).div(48), tf.ones([3, 4, 4, 4])];
      const reduced = tf.conv2d(s as tf.Tensor4D, variables['reduce/kernel'] as tf.Tensor as tf.Tensor4D, 1, 'same');
      const { mean, variance } = tf.moments(reduced, [0, 1, 2]);
      term.compute({ 'tap:last': s }, { 'tap:last': t }, termContext(term, { variables }));
      expect(variables['reduce/mean']?.sub(mean.mul(0.1)).abs().max().dataSync()[0]).toBeLessThan(1e-6);
      expect(variables['reduce/variance']?.sub(variance.mul(0.1).add(0.9)).abs().max().dataSync()[0]).toBeLessThan(1e-6);
    });
    tf.dispose(variables);
  });

  it('narrows its middle by the reduction', () => {
    const shapes = (reduction: number): unknown => Object.values(simKd({ at: 'last', reduction }).state?.(ends, key(1)).buffers ?? {}).map(({ shape }) => shape[0]);
    expect(shapes(2)).toEqual([2, 2, 2, 2, 4, 4]);
    expect(shapes(9)).toEqual([1, 1, 1, 1, 4, 4]);
  });

  it('wants maps, and a reduction of at least 1', () => {
    const flat = { 'tap:last': [1, 4] };
    expect(() => simKd({ at: 'last' }).state?.({ to: flat, from: flat }, [0, 0])).toThrow(
      new CodistillError('TAP_NO_MAP', "loss 'simKd': tap 'last' has shape [4] and must have [height, width, channels]. Tap a convolution, before the pooling."),
    );
    expect(() => simKd({ at: 'last', reduction: 0.5 })).toThrow(new CodistillError('OPTION_INVALID', 'simKd: reduction must be a number of at least 1, not 0.5.'));
  });
});
