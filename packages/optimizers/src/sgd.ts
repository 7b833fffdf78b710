import { CodistillError, defineOptimizer, type Optimizer, type Scheduled, say } from '@codistill/core';
import { addDecayedWeights } from './add-decayed-weights.ts';
import { chain } from './chain.ts';
import { descend } from './descend.ts';
import { trace } from './trace.ts';

/**
 * Options of {@link sgd}.
 *
 * @example
 * const options: SgdOptions = { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 5e-4 };
 */
export interface SgdOptions {
  /** Learning rate, at least 0; a number or a schedule. */
  readonly lr: Scheduled;
  /** μ, from 0 to below 1; a number or a schedule. Default 0: none. */
  readonly momentum?: Scheduled;
  /** Nesterov's look ahead; needs momentum. Default false. */
  readonly nesterov?: boolean;
  /** L2 regularisation λ, at least 0; a number or a schedule. Default 0: none. */
  readonly weightDecay?: Scheduled;
  /** Parameters that do not decay, by the last part of their names. Default none, as in PyTorch. */
  readonly except?: readonly string[];
}

/**
 * Stochastic gradient descent, as PyTorch's `SGD`: `g ← g + λ w`, `v ← μ v + g`, `w ← w − lr · v`, or with Nesterov
 * `w ← w − lr (g + μ v)`. See {@link addDecayedWeights}, {@link trace} and {@link descend}, of which it is made.
 *
 * Operations per parameter: 2, with momentum 4, with Nesterov 6, and 2 more with weight decay.
 *
 * @throws CodistillError `OPTION_INVALID` for constants out of range, and for Nesterov without momentum
 * @example
 * const plain = sgd({ lr: 0.1 });
 * const usual = sgd({ lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 5e-4 });
 */
export const sgd = ({ lr, momentum = 0, nesterov = false, weightDecay = 0, except = [] }: SgdOptions): Optimizer => {
  if (nesterov && momentum === 0) {
    throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('sgd', 'nesterov', nesterov, 'false where momentum is 0'));
  }
  return defineOptimizer({
    ...chain(
      ...(weightDecay === 0 ? [] : [addDecayedWeights({ weightDecay, except })]),
      ...(momentum === 0 ? [] : [trace({ momentum, nesterov })]),
      descend({ lr }),
    ),
    name: 'sgd',
    options: { lr, momentum, nesterov, weightDecay, except },
  });
};
