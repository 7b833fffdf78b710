import { CodistillError, describe as describePart, type NodeView, normal, type Readings } from '@codistill/core';
import { testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { mined } from './mined.ts';

testOn('cpu');

const [batch, side, classes] = [4, 6, 3];

/** A linear classifier of the image: its input gradient is W (p − y). */
const linear = (weights: tf.Tensor2D) => (x: tf.Tensor): Readings => ({ logits: x.reshape([x.shape[0], -1]).matMul(weights) }) as unknown as Readings;

const looked = (view: NodeView, body: (input: tf.Tensor4D, seen: tf.Tensor, slope: number[][][][]) => void): void => {
  tf.tidy(() => {
    const input = tf.tensor4d(normal([0, 5], batch * side * side * 2), [batch, side, side, 2]);
    const weights = tf.tensor2d(normal([0, 6], side * side * 2 * classes), [side * side * 2, classes]);
    const labels = tf.oneHot(tf.tensor1d([0, 1, 2, 0], 'int32'), classes).cast('float32');
    const seen = view.look(input, { class: labels } as never, linear(weights));
    const error = tf.softmax(input.reshape([batch, -1]).matMul(weights)).sub(labels);
    body(input, seen, error.matMul(weights, false, true).reshape<tf.Tensor4D>(input.shape).arraySync());
  });
};

/** Where the score of an image is greatest. */
const pointOf = (slope: readonly number[][][]): readonly [number, number] => {
  const scores = slope.flatMap((row) => row.map((pixel) => pixel.reduce((sum, g) => sum + Math.abs(g), 0)));
  const at = scores.indexOf(Math.max(...scores));
  return [Math.floor(at / side), at % side];
};

describe('mined', () => {
  it.each([1 / 6, 1 / 3, 1 / 2])('erases a square of side %d around the point of greatest input gradient, inside the image, and nothing else', (size) => {
    looked(mined({ by: 't', size }), (input, seen, slopes) => {
      const length = Math.round(size * side);
      const [before, after] = [input.arraySync(), (seen as tf.Tensor4D).arraySync()];
      const corners = new Set<string>();
      slopes.forEach((slope, b) => {
        const [top, left] = pointOf(slope).map((at) => Math.min(Math.max(at - Math.floor(length / 2), 0), side - length)) as [number, number];
        corners.add(`${top},${left}`);
        before[b]?.forEach((row, y) => {
          row.forEach((pixel, x) => {
            const inside = y >= top && y < top + length && x >= left && x < left + length;
            expect(after[b]?.[y]?.[x]?.map((value) => value + 0)).toEqual(inside ? [0, 0] : pixel);
          });
        });
      });
      expect(corners.size).toBeGreaterThan(1);
    });
  });

  it('attacks by a step along the sign of the gradient, in the square alone', () => {
    looked(mined({ by: 't', size: 1 / 6, mode: 'attack', step: 0.25 }), (input, seen, slopes) => {
      const moved = seen.sub<tf.Tensor4D>(input).arraySync();
      slopes.forEach((slope, b) => {
        const [v, u] = pointOf(slope);
        moved[b]?.forEach((row, y) => row.forEach((pixel, x) => pixel.forEach((change, c) => expect(change).toBeCloseTo(y === v && x === u ? 0.25 * Math.sign(slope[y]?.[x]?.[c] ?? NaN) : 0, 5))));
      });
    });
  });

  it('looks in every image for itself', () => {
    looked(mined({ by: 't' }), (input, seen) => {
      tf.tidy(() => {
        const weights = tf.tensor2d(normal([0, 6], side * side * 2 * classes), [side * side * 2, classes]);
        const alone = mined({ by: 't' }).look(input.slice(2, 1), { class: tf.tensor2d([[0, 0, 1]]) } as never, linear(weights));
        expect(alone.dataSync()).toEqual(seen.slice(2, 1).dataSync());
      });
    });
  });

  it('refuses what is no image, and options out of range', () => {
    expect(() => tf.tidy(() => mined({ by: 't' }).look(tf.zeros([2, 5]), { class: tf.zeros([2, 3]) } as never, linear(tf.zeros([5, 3]))))).toThrow(
      new CodistillError('IMAGE_WANTED', 'mined: the input has shape [5] and must be an image, [height, width, channels].'),
    );
    expect(() => mined({ by: 't', size: 0 })).toThrow('mined: size must be above 0 and at most 1, not 0.');
    expect(() => mined({ by: 't', step: 0 })).toThrow('mined: step must be a number above 0, not 0.');
  });

  it('describes itself', () => {
    expect(describePart(mined({ by: 't' }))).toEqual({ package: '@codistill/nodes', name: 'mined', options: { by: 't', size: 1 / 6, mode: 'mask' } });
    expect(describePart(mined({ by: 't', mode: 'attack' })).options).toEqual({ by: 't', size: 1 / 6, mode: 'attack', step: 0.5 });
  });
});
