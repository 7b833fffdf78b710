import { defineEnsembler, type Ensembler } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { constantOf } from './constant-of.ts';
import { logProbabilities } from './log-probabilities.ts';

/** `[members, …, 1]`: 1 for the member whose largest log-probability is largest (the first of equals), 0 for the others. */
const surest = (logP: tf.Tensor): tf.Tensor =>
  constantOf(logP, (stacked) => {
    const confidence = stacked.max(-1, true);
    const members = tf.range(0, stacked.shape[0], 1, 'int32').reshape([-1, ...confidence.shape.slice(1).fill(1)]);
    return tf.equal(members, tf.argMax(confidence, 0).expandDims(0)).toFloat();
  });

/**
 * For each example the probabilities of the member that is surest of its own prediction:
 *
 * `log p = log p_m`, with `m = argmaxᵢ max_c pᵢ(c)`
 *
 * Of members that are equally sure the first in the order of `of` is taken.
 *
 * @returns an ensembler of `[…, classes]` logits (float32, classes last); it emits log-probabilities of the same shape, which the
 *   caller disposes. Gradients flow into the chosen member only. Stock layers cannot say it, so it exports as code. Combining no
 *   node throws `NO_MEMBERS`.
 * @example
 * const ensembler = maxConfidence();
 * console.log(ensembler.layers); // undefined
 */
export const maxConfidence = (): Ensembler<'logits'> =>
  defineEnsembler({
    package: '@codistill/ensemblers',
    name: 'maxConfidence',
    needs: ['logits'],
    combine: (members, context) => {
      const logP = logProbabilities('maxConfidence', members, context);
      const logits = tf.tidy(() => {
        const stacked = tf.stack(logP);
        return stacked.mul(surest(stacked)).sum(0);
      });
      return { logits };
    },
  });
