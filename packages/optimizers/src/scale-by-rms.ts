import type { Scheduled } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { demand, demandNumber, isPositive, isShare } from './option.ts';
import { perParameter } from './per-parameter.ts';
import { below, under, zeros } from './slots.ts';
import { defineTransform, type Transform } from './transform.ts';

/**
 * Options of {@link scaleByRms}.
 *
 * @example
 * const options: ScaleByRmsOptions = { decay: 0.9 };
 */
export interface ScaleByRmsOptions {
  /** What the mean square keeps from step to step, from 0 to below 1; a number or a schedule. Default 0.99. */
  readonly decay?: Scheduled;
  /** Added to the root of the mean square, above 0; default 1e-8. */
  readonly eps?: number;
}

/**
 * Divides by the running root mean square: `r ← α r + (1 − α) g²`, and on goes `g / (√r + ε)`. r begins at 0 and is not corrected.
 * Tieleman & Hinton 2012, lecture 6.5 of "Neural networks for machine learning". ε outside the root and both defaults are PyTorch's;
 * TensorFlow has ε inside.
 *
 * Seven operations per parameter. Slots: `r/<parameter>`.
 *
 * @throws CodistillError `OPTION_INVALID` for constants out of range
 * @example
 * const rms = chain(scaleByRms({ decay: 0.9 }), descend({ lr: 0.001 }));
 */
export const scaleByRms = ({ decay = 0.99, eps = 1e-8 }: ScaleByRmsOptions = {}): Transform => {
  demand('scaleByRms', { decay }, 'a number from 0 to below 1', isShare);
  demandNumber('scaleByRms', { eps }, 'a number above 0', isPositive);
  return defineTransform({
    package: '@codistill/optimizers',
    name: 'scaleByRms',
    options: { decay, eps },
    scalars: { decay },
    init: (parameters) => below('r', zeros(parameters)),
    transform: ({ gradients, slots, scalar }) => {
      const [α, ε] = [scalar('decay'), tf.scalar(eps)];
      const meanSquares = perParameter(gradients, { r: under('r', slots) }, (g, { r }) => {
        const g2 = tf.square(g);
        // α r + (1 − α) g², in which 1 − α need not be known
        return tf.add(g2, tf.mul(tf.sub(r, g2), α));
      });
      return {
        gradients: perParameter(gradients, { r: meanSquares }, (g, { r }) => tf.div(g, tf.add(tf.sqrt(r), ε))),
        slots: below('r', meanSquares),
      };
    },
  });
};
