import { type BatchContext, CodistillError, describe as describePart, type Named, type Term } from '@codistill/core';
import { termContext, testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { weightAnchor } from './weight-anchor.ts';

testOn('cpu');

const values = { 'block/kernel': [[1, 2], [3, 4]], 'block/bias': [9, 9], 'block/gamma': [7, 7], 'logits/kernel': [[1, 1], [1, 1]], 'logits/bias': [5, 5] };
const tensors = (scale: number): Named<tf.Tensor> => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, tf.tensor(value).mul(scale)]));

const distance = (term: Term<'weightAnchor', 'node', never, never>, to: Named<tf.Tensor>, from: Named<tf.Tensor>): tf.Scalar => {
  const context: BatchContext = { ...termContext(term), labels: {} as never, ids: tf.zeros([1], 'int32'), parameters: (end) => (end === 'to' ? to : from) };
  return term.compute({}, {}, context) as tf.Scalar;
};

describe('weightAnchor', () => {
  it.each([
    [weightAnchor(), 1 + 4 + 9 + 16 + 4],
    [weightAnchor({ except: 'head' }), 1 + 4 + 9 + 16],
    [weightAnchor({ except: ['block/'] }), 4],
    [weightAnchor({ except: ['block/', 'logits/'] }), 0],
  ])('is the sum of squares over tensors of more than one axis %#', (term, expected) => {
    tf.tidy(() => expect(distance(term, tensors(3), tensors(2)).dataSync()[0]).toBe(expected));
  });

  it('has the gradient 2 (θ − θ⁰) there, and none elsewhere', () => {
    tf.tidy(() => {
      const [to, from] = [tensors(3), tensors(2)];
      const gradient = tf.grads((kernel: tf.Tensor, gamma: tf.Tensor) => distance(weightAnchor({ except: 'head' }), { ...to, 'block/kernel': kernel, 'block/gamma': gamma }, from).add(gamma.sum().mul(0)));
      const [ofKernel, ofGamma] = gradient([to['block/kernel'] as tf.Tensor, to['block/gamma'] as tf.Tensor]);
      expect([...(ofKernel?.dataSync() ?? [])]).toEqual([2, 4, 6, 8]);
      expect([...(ofGamma?.dataSync() ?? [])]).toEqual([0, 0]);
    });
  });

  it('refuses networks that are not alike', () => {
    tf.tidy(() => {
      const { 'block/kernel': _, ...less } = tensors(1);
      expect(() => distance(weightAnchor(), tensors(1), less)).toThrow(
        new CodistillError('PARAMETERS_DIFFER', "loss 'weightAnchor': parameter 'block/kernel' is not in the other network, or has another shape there. Compare a node with a copy of itself, or with one of the same model."),
      );
    });
  });

  it('describes itself, and reads nothing', () => {
    expect(describePart(weightAnchor({ except: 'head' }))).toEqual({ package: '@codistill/losses', name: 'weightAnchor', options: { except: 'head' } });
    expect(weightAnchor().needs).toEqual([]);
  });
});
