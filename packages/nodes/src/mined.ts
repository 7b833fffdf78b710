import { CodistillError, defineNodeView, freeTapeOnThrow, logSoftmax, type NodeView, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/**
 * Options of {@link mined}.
 *
 * @example
 * const options: MinedOptions<'teacher'> = { by: 'teacher', size: 1 / 6, mode: 'mask' };
 */
export interface MinedOptions<By extends string = string> {
  /** The node that looks: the teacher. */
  readonly by: By;
  /** Side of the square, as a share of the image's shorter side, above 0 and up to 1; default 1/6. At least one pixel. */
  readonly size?: number;
  /** What happens in the square: `'mask'` puts the data's mean colour there, `'attack'` moves it one step up the loss. Default `'mask'`. */
  readonly mode?: 'mask' | 'attack';
  /** Length of the step of an attack, in standard deviations of the data; default 0.5. Has no effect on a mask. */
  readonly step?: number;
}

/** 1 inside of a square around a position (shifted to lie inside the image), 0 outside; `[batch, height, width, 1]`. */
const squareAround = (position: tf.Tensor1D, [height, width]: readonly [number, number], side: number): tf.Tensor => {
  const row = tf.floor(position.div(width));
  const inside = (at: tf.Tensor, length: number): tf.Tensor => {
    const first = tf.clipByValue(at.sub(Math.floor(side / 2)), 0, length - side).reshape([-1, 1]);
    const place = tf.range(0, length, 1, 'float32').reshape([1, -1]).sub(first);
    return tf.logicalAnd(place.greaterEqual(0), place.less(side)).cast('float32');
  };
  const [rows, columns] = [inside(row, height), inside(position.sub(row.mul(width)), width)];
  return rows.reshape([-1, height, 1, 1]).mul(columns.reshape([-1, 1, width, 1]));
};

/**
 * A harder view of each image: a network finds the point that its answer depends on most, and a square around it is taken away,
 *
 * `(u, v) = argmax Σ_c |g|`, `g = ∂ CE( T(x), y ) / ∂x`.
 *
 * Liu et al. 2020, "Point adversarial self mining" (PASM), arXiv:2008.11401: a point adversarial attack and a trained teacher find the most
 * informative position, and the student learns from the harder samples and the teacher's guidance. **The rest is our reconstruction**, for
 * the paper's equations could not be read: the score above, the square, its side of 1/6, and what happens inside. The teacher looks in
 * inference mode, in every step, as it is in that step.
 *
 * @param options - `by`, `size` (default 1/6), `mode` (default `'mask'`), `step` (default 0.5)
 * @returns a view that a node makes, for `.views({ student: [original(), mined({ by: 'teacher' })] })`; no gradient flows through it
 * @throws CodistillError `OPTION_INVALID`; from `look` `IMAGE_WANTED`
 * @example
 * const harder = mined({ by: 'teacher' });
 */
export const mined = <const By extends string>({ by, size = 1 / 6, mode = 'mask', step = 0.5 }: MinedOptions<By>): NodeView<By> => {
  if (!(size > 0 && size <= 1)) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('mined', 'size', size, 'above 0 and at most 1'));
  if (!(step > 0 && step < Infinity)) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('mined', 'step', step, 'a number above 0'));
  return defineNodeView({
    package: '@codistill/nodes',
    name: 'mined',
    options: { by, size, mode, ...(mode === 'attack' ? { step } : {}) },
    by,
    look: (input, labels, read) =>
      tf.tidy(() => {
        const [, height = 0, width = 0] = input.shape;
        if (input.rank !== 4 || !('class' in labels)) throw new CodistillError('IMAGE_WANTED', say.nodes.imageWanted('mined', input.shape.slice(1)));
        const truth: tf.Tensor = labels.class;
        // The sum, not the mean: in inference mode each image's gradient is its own.
        const loss = (x: tf.Tensor): tf.Scalar => logSoftmax(read(x, ['logits']).logits).mul<tf.Tensor>(truth).sum<tf.Scalar>().neg();
        const slope = freeTapeOnThrow(() => tf.grad(loss)(input));
        const most = slope.abs().sum(-1).reshape([-1, height * width]).argMax<tf.Tensor1D>(-1).cast<tf.Tensor1D>('float32');
        const square = squareAround(most, [height, width], Math.max(1, Math.round(size * Math.min(height, width))));
        return mode === 'mask' ? input.mul(tf.sub(1, square)) : input.add(slope.sign().mul(square).mul(step));
      }),
  });
};
