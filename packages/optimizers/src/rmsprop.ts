import { defineOptimizer, type Optimizer, type Scheduled } from '@codistill/core';
import { addDecayedWeights } from './add-decayed-weights.ts';
import { chain } from './chain.ts';
import { descend } from './descend.ts';
import { scaleByRms, type ScaleByRmsOptions } from './scale-by-rms.ts';
import { trace } from './trace.ts';

/**
 * Options of {@link rmsprop}.
 *
 * @example
 * const options: RmspropOptions = { lr: 0.001, momentum: 0.9 };
 */
export interface RmspropOptions extends ScaleByRmsOptions {
  /** Learning rate, at least 0; a number or a schedule. Default 0.01, PyTorch's. */
  readonly lr?: Scheduled;
  /** μ, from 0 to below 1; a number or a schedule. Default 0: none. */
  readonly momentum?: Scheduled;
  /** L2 regularisation λ, at least 0; a number or a schedule. Default 0: none. */
  readonly weightDecay?: Scheduled;
  /** Parameters that do not decay, by the last part of their names. Default none, as in PyTorch. */
  readonly except?: readonly string[];
}

/**
 * RMSprop, as PyTorch's `RMSprop`: `g ← g + λ w`, `r ← α r + (1 − α) g²`, `v ← μ v + g / (√r + ε)`, `w ← w − lr · v`.
 * Tieleman & Hinton 2012, lecture 6.5. See {@link scaleByRms}, {@link trace} and {@link descend}, of which it is made.
 *
 * Operations per parameter: 9, with momentum 11, and 2 more with weight decay.
 *
 * @throws CodistillError `OPTION_INVALID` for constants out of range
 * @example
 * const optimizer = rmsprop({ lr: 0.001, decay: 0.9 });
 */
export const rmsprop = ({ lr = 0.01, decay = 0.99, eps = 1e-8, momentum = 0, weightDecay = 0, except = [] }: RmspropOptions = {}): Optimizer =>
  defineOptimizer({
    ...chain(
      ...(weightDecay === 0 ? [] : [addDecayedWeights({ weightDecay, except })]),
      scaleByRms({ decay, eps }),
      ...(momentum === 0 ? [] : [trace({ momentum })]),
      descend({ lr }),
    ),
    name: 'rmsprop',
    options: { lr, decay, eps, momentum, weightDecay, except },
  });
