import { testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { averagePooled, nearest } from './resample.ts';

testOn('cpu');

describe('resampling', () => {
  it('pools 7 × 7 to 4 × 4 over the cells PyTorch takes', () => {
    tf.tidy(() => {
      const row = tf.range(0, 7).reshape<tf.Tensor4D>([1, 1, 7, 1]);
      // cells 0–1, 1–3, 3–5, 5–6
      expect([...averagePooled(row, 1, 4).dataSync()]).toEqual([0.5, 2, 4, 5.5]);
      expect([...averagePooled(row.transpose([0, 2, 1, 3]), 4, 1).dataSync()]).toEqual([0.5, 2, 4, 5.5]);
    });
  });

  it('pools evenly as average pooling does', () => {
    tf.tidy(() => {
      const map = tf.range(0, 2 * 8 * 8 * 3).reshape<tf.Tensor4D>([2, 8, 8, 3]).square().div<tf.Tensor4D>(1e4);
      const difference = averagePooled(map, 4, 2).sub(tf.avgPool(map, [2, 4], [2, 4], 'valid'));
      expect(difference.abs().max().dataSync()[0]).toBeLessThan(1e-5);
    });
  });

  it('takes the nearest below', () => {
    tf.tidy(() => {
      const map = tf.range(0, 12).reshape<tf.Tensor4D>([1, 3, 4, 1]);
      expect([...nearest(map, 3, 2).dataSync()]).toEqual([0, 2, 4, 6, 8, 10]);
      expect([...nearest(map, 5, 1).dataSync()]).toEqual([0, 0, 4, 4, 8]);
      expect(nearest(map, 3, 4)).toBe(map);
    });
  });
});
