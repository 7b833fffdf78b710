import { defineEnsembler, type Ensembler, logSoftmax } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { logProbabilities } from './log-probabilities.ts';
import { scaleLayer, softmaxLayer, sumLayer } from './stock-layers.ts';

/**
 * The mean of the members' logits, that is the normalised geometric mean of their probabilities:
 *
 * `log p = log softmax( 1/N Σᵢ zᵢ ) = log softmax( 1/N Σᵢ log pᵢ )`
 *
 * The second form is computed: a constant added to one member's logits cannot cost the others precision, and the log-probabilities
 * are shared with the loss terms. One member that is sure of its class outweighs many that hesitate.
 *
 * @returns an ensembler of `[…, classes]` logits (float32, classes last); it emits log-probabilities of the same shape, which the
 *   caller disposes. Exports as stock layers. Combining no node throws `NO_MEMBERS`.
 * @example
 * const ensembler = meanLogits();
 * console.log(ensembler.name); // 'meanLogits'
 */
export const meanLogits = (): Ensembler<'logits'> =>
  defineEnsembler({
    package: '@codistill/ensemblers',
    name: 'meanLogits',
    needs: ['logits'],
    combine: (members, context) => {
      const logP = logProbabilities('meanLogits', members, context);
      return { logits: tf.tidy(() => logSoftmax(tf.addN(logP).div(logP.length))) };
    },
    layers: (logits) =>
      softmaxLayer(
        sumLayer(
          logits.map((z, i) => scaleLayer(z, 1 / logits.length, `member${i}_share`)),
          'mean_of_logits',
        ),
        'softmax_of_mean',
      ),
  });
