import type { Scheduled } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { demand, isShare } from './option.ts';
import { perParameter } from './per-parameter.ts';
import { below, under, zeros } from './slots.ts';
import { defineTransform, type Transform } from './transform.ts';

/**
 * Options of {@link trace}.
 *
 * @example
 * const options: TraceOptions = { momentum: 0.9, nesterov: true };
 */
export interface TraceOptions {
  /** What the trace keeps from step to step, from 0 to below 1; a number or a schedule. */
  readonly momentum: Scheduled;
  /** Looks one step ahead; default false. */
  readonly nesterov?: boolean;
}

/**
 * Momentum: `v ← μ v + g`, and on goes `v`, or with Nesterov's look ahead `g + μ v`. v begins at 0.
 * Polyak 1964; Nesterov 1983 in the form of Sutskever et al. 2013, "On the importance of initialization and momentum in deep
 * learning". As in PyTorch the learning rate comes afterwards, and nothing dampens g.
 *
 * Two operations per parameter, four with Nesterov. Slots: `v/<parameter>`.
 *
 * @throws CodistillError `OPTION_INVALID` for a constant momentum below 0, or of 1 and more
 * @example
 * const heavyBall = chain(trace({ momentum: 0.9 }), descend({ lr: 0.1 }));
 */
export const trace = ({ momentum, nesterov = false }: TraceOptions): Transform => {
  demand('trace', { momentum }, 'a number from 0 to below 1', isShare);
  return defineTransform({
    package: '@codistill/optimizers',
    name: 'trace',
    options: { momentum, nesterov },
    scalars: { momentum },
    init: (parameters) => below('v', zeros(parameters)),
    transform: ({ gradients, slots, scalar }) => {
      const μ = scalar('momentum');
      const traces = perParameter(gradients, { v: under('v', slots) }, (g, { v }) => tf.add(tf.mul(v, μ), g));
      return {
        gradients: nesterov ? perParameter(gradients, { v: traces }, (g, { v }) => tf.add(g, tf.mul(v, μ))) : traces,
        slots: below('v', traces),
      };
    },
  });
};
