import * as tf from '@tensorflow/tfjs';
import { demandNumber, isPositive } from './option.ts';
import { perParameter } from './per-parameter.ts';
import { defineTransform, type Transform } from './transform.ts';

/**
 * Options of {@link clipByValue}.
 *
 * @example
 * const options: ClipByValueOptions = { max: 1 };
 */
export interface ClipByValueOptions {
  /** The largest absolute value that passes, above 0. */
  readonly max: number;
}

/**
 * Clips each element of the gradients to `[−max, max]`. One operation per parameter.
 *
 * @throws CodistillError `OPTION_INVALID` where max is not above 0
 * @example
 * const clipped = chain(clipByValue({ max: 1 }), sgd({ lr: 0.1, momentum: 0.9 }));
 */
export const clipByValue = ({ max }: ClipByValueOptions): Transform => {
  demandNumber('clipByValue', { max }, 'a number above 0', isPositive);
  return defineTransform({
    package: '@codistill/optimizers',
    name: 'clipByValue',
    options: { max },
    transform: ({ gradients }) => ({ gradients: perParameter(gradients, {}, (g) => tf.clipByValue(g, -max, max)), slots: {} }),
  });
};
