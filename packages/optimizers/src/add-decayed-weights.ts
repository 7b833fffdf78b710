import type { Scheduled } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { demand, isNotNegative } from './option.ts';
import { perParameter } from './per-parameter.ts';
import { defineTransform, type Transform } from './transform.ts';

/**
 * Options of {@link addDecayedWeights}.
 *
 * @example
 * const options: AddDecayedWeightsOptions = { weightDecay: 5e-4, except: ['bias', 'gamma', 'beta'] };
 */
export interface AddDecayedWeightsOptions {
  /** λ, at least 0; a number or a schedule. */
  readonly weightDecay: Scheduled;
  /** Parameters that do not decay, by the last part of their names: `'bias'` means all of `…/bias`. Default none, as in PyTorch. */
  readonly except?: readonly string[];
}

/**
 * Weight decay: `g + λ w`. Where it stands in the chain makes the difference:
 *
 * - before {@link trace} or {@link scaleByAdam} it is L2 regularisation, the gradient of `λ/2 ‖w‖²`
 * - after them it is decoupled weight decay: Loshchilov & Hutter 2019, "Decoupled weight decay regularization", arXiv:1711.05101
 *
 * Two operations per parameter that decays, none for the others.
 *
 * @throws CodistillError `OPTION_INVALID` for a constant that is negative or not finite
 * @example
 * const l2 = chain(addDecayedWeights({ weightDecay: 5e-4 }), trace({ momentum: 0.9 }), descend({ lr: 0.1 }));
 * const decoupled = chain(scaleByAdam(), addDecayedWeights({ weightDecay: 0.01, except: ['bias'] }), descend({ lr: 0.001 }));
 */
export const addDecayedWeights = ({ weightDecay, except = [] }: AddDecayedWeightsOptions): Transform => {
  demand('addDecayedWeights', { weightDecay }, 'a finite number of at least 0', isNotNegative);
  const decays = (parameter: string): boolean => !except.includes(parameter.slice(parameter.lastIndexOf('/') + 1));
  return defineTransform({
    package: '@codistill/optimizers',
    name: 'addDecayedWeights',
    options: { weightDecay, except },
    scalars: { weightDecay },
    transform: ({ gradients, parameters, scalar }) => {
      const λ = scalar('weightDecay');
      const decaying = Object.fromEntries(Object.entries(gradients).filter(([name]) => decays(name)));
      return { gradients: perParameter(decaying, { w: parameters }, (g, { w }) => tf.add(g, tf.mul(w, λ))), slots: {} };
    },
  });
};
