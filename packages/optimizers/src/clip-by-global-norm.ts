import * as tf from '@tensorflow/tfjs';
import { demandNumber, isPositive } from './option.ts';
import { perParameter } from './per-parameter.ts';
import { defineTransform, type Transform } from './transform.ts';

/**
 * Options of {@link clipByGlobalNorm}.
 *
 * @example
 * const options: ClipByGlobalNormOptions = { max: 1 };
 */
export interface ClipByGlobalNormOptions {
  /** The largest norm that passes, above 0. */
  readonly max: number;
}

/** PyTorch's guard against a norm of 0. */
const EPSILON = 1e-6;

/**
 * Scales all gradients of a node together, so that their joint norm is at most `max`: `g · min(1, max / (‖g‖ + 10⁻⁶))`.
 * Pascanu, Mikolov & Bengio 2013, "On the difficulty of training recurrent neural networks", arXiv:1211.5063; the 10⁻⁶ is PyTorch's.
 *
 * Three operations per parameter and five per step.
 *
 * @throws CodistillError `OPTION_INVALID` where max is not above 0
 * @example
 * const clipped = chain(clipByGlobalNorm({ max: 1 }), sgd({ lr: 0.1, momentum: 0.9 }));
 */
export const clipByGlobalNorm = ({ max }: ClipByGlobalNormOptions): Transform => {
  demandNumber('clipByGlobalNorm', { max }, 'a number above 0', isPositive);
  return defineTransform({
    package: '@codistill/optimizers',
    name: 'clipByGlobalNorm',
    options: { max },
    transform: ({ gradients }) => {
      const squares = Object.values(perParameter(gradients, {}, (g) => tf.sum(tf.square(g))));
      if (squares.length === 0) return { gradients: {}, slots: {} };
      const norm = tf.sqrt(tf.addN(squares));
      const factor = tf.minimum(tf.div(max, tf.add(norm, EPSILON)), 1);
      return { gradients: perParameter(gradients, {}, (g) => tf.mul(g, factor)), slots: {} };
    },
  });
};
