import { defineEnsembler, type Ensembler } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { logProbabilities } from './log-probabilities.ts';
import { scaleLayer, softmaxLayer, sumLayer } from './stock-layers.ts';

/**
 * The mean of the members' probabilities, the field's usual ensemble (Lakshminarayanan et al. 2017, arXiv:1612.01474):
 *
 * `log p̄ = log Σᵢ exp(log pᵢ) − log N`
 *
 * computed from log-probabilities, so that no class underflows to log 0.
 *
 * @returns an ensembler of `[…, classes]` logits (float32, classes last); it emits log-probabilities of the same shape, which the
 *   caller disposes. Exports as stock layers. Combining no node throws `NO_MEMBERS`.
 * @example
 * const ensembler = meanProbabilities();
 * console.log(ensembler.needs); // ['logits']
 */
export const meanProbabilities = (): Ensembler<'logits'> =>
  defineEnsembler({
    package: '@codistill/ensemblers',
    name: 'meanProbabilities',
    needs: ['logits'],
    combine: (members, context) => {
      const logP = logProbabilities('meanProbabilities', members, context);
      return { logits: tf.tidy(() => tf.logSumExp(tf.stack(logP), 0).sub(Math.log(logP.length))) };
    },
    layers: (logits) =>
      sumLayer(
        logits.map((z, i) => scaleLayer(softmaxLayer(z, `member${i}_softmax`), 1 / logits.length, `member${i}_share`)),
        'mean_of_probabilities',
      ),
  });
