import { defineSchedule, defineTerm } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { testOn } from '../test-on.ts';
import { termContext } from './term-context.ts';

testOn('cpu');

const term = defineTerm({
  name: 'soft',
  from: 'node',
  needs: ['logits'],
  scalars: { temperature: defineSchedule({ name: 'rising' }, ({ epoch }) => 1 + epoch) },
  compute: (s) => s.logits.mean(-1),
});

describe('termContext', () => {
  it('gives the value a scalar has at the given progress, as one tensor', () => {
    tf.tidy(() => {
      const context = termContext(term, { progress: { step: 30, steps: 100, epoch: 3, epochs: 10 } });
      expect(context.scalar('temperature').dataSync()[0]).toBe(4);
      expect(context.scalar('temperature')).toBe(context.scalar('temperature'));
    });
  });

  it('shares the log-softmax of the same logits at the same temperature, and no other', () => {
    tf.tidy(() => {
      const context = termContext(term);
      const [a, b, T] = [tf.tensor2d([[1, 2]]), tf.tensor2d([[1, 2]]), tf.scalar(2)];
      expect(context.logSoftmax(a)).toBe(context.logSoftmax(a));
      expect(context.logSoftmax(a, T)).toBe(context.logSoftmax(a, T));
      expect(context.logSoftmax(a)).not.toBe(context.logSoftmax(b));
      expect(context.logSoftmax(a)).not.toBe(context.logSoftmax(a, T));
      const [first = NaN] = context.logSoftmax(a, T).dataSync();
      expect(first).toBeCloseTo(0.5 - Math.log(Math.exp(0.5) + Math.exp(1)), 6);
    });
  });

  it('lends variables, and says what there is where one is missing', () => {
    const scale = tf.tidy(() => tf.variable(tf.scalar(2)));
    const context = termContext(term, { variables: { scale } });
    expect(context.variable('scale')).toBe(scale);
    expect(() => context.variable('bias')).toThrow("term 'soft' asks for variable 'bias' but its state has 'scale': return it from state.");
    expect(() => context.scalar('tau')).toThrow("term 'soft' asks for scalar 'tau' but declares 'temperature': add it to scalars.");
    scale.dispose();
  });
});
