import { CodistillError, defineEnsembler, type Ensembler, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { logProbabilities } from './log-probabilities.ts';
import { scaleLayer, softmaxLayer, sumLayer } from './stock-layers.ts';

/**
 * The weighted mean of the members' probabilities:
 *
 * `log p = log Σᵢ exp(log pᵢ + log wᵢ)`, with the weights normalised to `Σᵢ wᵢ = 1`.
 *
 * A weight of 0 leaves its node out.
 *
 * @param options - `weights`: one per node, in the order of `of`; finite, none below 0, one above 0; they need not sum to 1
 * @returns an ensembler of `[…, classes]` logits (float32, classes last); it emits log-probabilities of the same shape, which the
 *   caller disposes. Exports as stock layers. Combining another number of nodes throws `WEIGHT_COUNT`, none `NO_MEMBERS`.
 * @throws CodistillError `WEIGHTS_INVALID`
 * @example
 * const ensembler = weighted({ weights: [2, 1] }); // ⅔ of the first node, ⅓ of the second
 */
export const weighted = ({ weights }: { readonly weights: readonly number[] }): Ensembler<'logits'> => {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!weights.every((weight) => weight >= 0) || !(total > 0) || !Number.isFinite(total)) {
    throw new CodistillError('WEIGHTS_INVALID', say.ensembles.weightsInvalid(weights));
  }

  /** Each member with its normalised weight. */
  const shares = <T>(members: readonly T[]): { readonly member: T; readonly weight: number }[] => {
    if (members.length !== weights.length) throw new CodistillError('WEIGHT_COUNT', say.ensembles.weightCount(weights.length, members.length));
    return members.map((member, i) => ({ member, weight: (weights[i] ?? 0) / total }));
  };

  return defineEnsembler({
    package: '@codistill/ensemblers',
    name: 'weighted',
    options: { weights: [...weights] },
    needs: ['logits'],
    combine: (members, context) => {
      // log 0 stays out of the graph: its gradient is not a number
      const counted = shares(logProbabilities('weighted', members, context)).filter(({ weight }) => weight > 0);
      return { logits: tf.tidy(() => tf.logSumExp(tf.stack(counted.map(({ member, weight }) => member.add(Math.log(weight)))), 0)) };
    },
    layers: (logits) =>
      sumLayer(
        shares(logits).map(({ member, weight }, i) => scaleLayer(softmaxLayer(member, `member${i}_softmax`), weight, `member${i}_share`)),
        'weighted_mean_of_probabilities',
      ),
  });
};
