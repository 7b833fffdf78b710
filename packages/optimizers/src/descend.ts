import { defineOptimizer, type Optimizer, type Scheduled } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { demand, isNotNegative } from './option.ts';
import { perParameter } from './per-parameter.ts';

/**
 * Options of {@link descend}.
 *
 * @example
 * const options: DescendOptions = { lr: 0.1 };
 */
export interface DescendOptions {
  /** Learning rate, at least 0; a number or a schedule. */
  readonly lr: Scheduled;
}

/**
 * Goes down what it is given: `w ← w − lr · g`. Alone it is gradient descent; at the end of a {@link chain} it applies what the
 * transforms made of the gradients.
 *
 * Two operations per parameter.
 *
 * @throws CodistillError `OPTION_INVALID` for a constant rate that is negative or not finite
 * @example
 * const plain = descend({ lr: 0.1 });
 * const signed = chain(clipByValue({ max: 1 }), descend({ lr: 0.01 }));
 */
export const descend = ({ lr }: DescendOptions): Optimizer => {
  demand('descend', { lr }, 'a finite number of at least 0', isNotNegative);
  return defineOptimizer({
    package: '@codistill/optimizers',
    name: 'descend',
    options: { lr },
    scalars: { lr },
    init: () => ({}),
    update: ({ gradients, parameters, scalar }) => {
      const η = scalar('lr');
      return { parameters: perParameter(gradients, { w: parameters }, (g, { w }) => tf.sub(w, tf.mul(g, η))), slots: {} };
    },
  });
};
