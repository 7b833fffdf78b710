import { testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { atTarget, targetClass, withoutTarget } from './target-class.ts';

testOn('cpu');

it('takes the target class out exactly, however large its logit', () => {
  tf.tidy(() => {
    const target = targetClass(tf.tensor2d([[0.3, 0.7, 0], [1, 0, 0]]));
    expect([...target.dataSync()]).toEqual([0, 1, 0, 1, 0, 0]);
    const z = tf.tensor2d([[-1e4, 1e4, -1e4], [-1e4, 2, 2]]);
    expect([...atTarget(z, target).dataSync()]).toEqual([1e4, -1e4]);
    expect([...tf.softmax(withoutTarget(z, target)).dataSync()]).toEqual([0.5, 0, 0.5, 0, 0.5, 0.5]);
  });
});
