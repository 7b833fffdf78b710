import { defineOptimizer, type Optimizer, type Scheduled } from '@codistill/core';
import { addDecayedWeights } from './add-decayed-weights.ts';
import { chain } from './chain.ts';
import { descend } from './descend.ts';
import { scaleByAdam, type ScaleByAdamOptions } from './scale-by-adam.ts';

/**
 * Options of {@link adamw}.
 *
 * @example
 * const options: AdamwOptions = { lr: 3e-4, weightDecay: 0.05, except: ['bias', 'gamma', 'beta'] };
 */
export interface AdamwOptions extends ScaleByAdamOptions {
  /** Learning rate, at least 0; a number or a schedule. Default 0.001. */
  readonly lr?: Scheduled;
  /** λ, at least 0; a number or a schedule. Default 0.01, PyTorch's. */
  readonly weightDecay?: Scheduled;
  /** Parameters that do not decay, by the last part of their names. Default none, as in PyTorch. */
  readonly except?: readonly string[];
}

/**
 * Adam with decoupled weight decay, as PyTorch's `AdamW`: `w ← w − lr (m̂ / (√v̂ + ε) + λ w)`.
 * Loshchilov & Hutter 2019, "Decoupled weight decay regularization", arXiv:1711.05101; as in PyTorch, λ is multiplied by the
 * learning rate. See {@link scaleByAdam}, {@link addDecayedWeights} and {@link descend}, of which it is made.
 *
 * Operations per parameter: 13; 7 per step.
 *
 * @throws CodistillError `OPTION_INVALID` for constants out of range
 * @example
 * const optimizer = adamw({ lr: 3e-4, weightDecay: 0.05, except: ['bias', 'gamma', 'beta'] });
 */
export const adamw = ({ lr = 0.001, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = 0.01, except = [] }: AdamwOptions = {}): Optimizer =>
  defineOptimizer({
    ...chain(scaleByAdam({ beta1, beta2, eps }), ...(weightDecay === 0 ? [] : [addDecayedWeights({ weightDecay, except })]), descend({ lr })),
    name: 'adamw',
    options: { lr, beta1, beta2, eps, weightDecay, except },
  });
