import { defineOptimizer, type Optimizer, type Scheduled } from '@codistill/core';
import { addDecayedWeights } from './add-decayed-weights.ts';
import { chain } from './chain.ts';
import { descend } from './descend.ts';
import { scaleByAdam, type ScaleByAdamOptions } from './scale-by-adam.ts';

/**
 * Options of {@link adam}.
 *
 * @example
 * const options: AdamOptions = { lr: 3e-4 };
 */
export interface AdamOptions extends ScaleByAdamOptions {
  /** Learning rate, at least 0; a number or a schedule. Default 0.001, the paper's. */
  readonly lr?: Scheduled;
  /** L2 regularisation λ, at least 0; a number or a schedule. Default 0: none. */
  readonly weightDecay?: Scheduled;
  /** Parameters that do not decay, by the last part of their names. Default none, as in PyTorch. */
  readonly except?: readonly string[];
}

/**
 * Adam, as PyTorch's `Adam`: `g ← g + λ w`, `w ← w − lr · m̂ / (√v̂ + ε)`. Kingma & Ba 2015, arXiv:1412.6980.
 * See {@link scaleByAdam} and {@link descend}, of which it is made, and {@link adamw} for decoupled weight decay.
 *
 * Operations per parameter: 11, and 2 more with weight decay; 7 per step.
 *
 * @throws CodistillError `OPTION_INVALID` for constants out of range
 * @example
 * const optimizer = adam({ lr: 3e-4 });
 */
export const adam = ({ lr = 0.001, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = 0, except = [] }: AdamOptions = {}): Optimizer =>
  defineOptimizer({
    ...chain(...(weightDecay === 0 ? [] : [addDecayedWeights({ weightDecay, except })]), scaleByAdam({ beta1, beta2, eps }), descend({ lr })),
    name: 'adam',
    options: { lr, beta1, beta2, eps, weightDecay, except },
  });
