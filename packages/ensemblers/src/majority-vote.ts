import { defineEnsembler, type Ensembler } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { constantOf } from './constant-of.ts';
import { logProbabilities } from './log-probabilities.ts';

/** Stands for log 0: below any log-probability, and unlike −∞ it has a difference to itself. */
const LOG_ZERO = -1e30;

/** 1 at the largest logit of each row (the first of equals), 0 elsewhere. By comparison: float one-hot is wrong on stock wasm. */
const vote = (logits: tf.Tensor): tf.Tensor =>
  tf.equal(tf.range(0, logits.shape.at(-1) ?? 0, 1, 'int32'), tf.argMax(logits, -1).expandDims(-1)).toFloat();

/** log of how many of `[members, …, classes]` name each class. */
const logVotes = (logits: tf.Tensor): tf.Tensor =>
  constantOf(logits, (stacked) => {
    const votes = vote(stacked).sum(0);
    return tf.where(votes.greater(0), votes.maximum(1).log(), tf.fill(votes.shape, LOG_ZERO));
  });

/**
 * The class that most members name; among classes with equally many votes, the one with the larger mean probability p̄.
 *
 * `log p = log( (votes + p̄) / (N + 1) )`
 *
 * Our choice of a distribution, not a paper's: its argmax is the vote with ties resolved by the mean (a class with a vote less
 * cannot catch up, since p̄ of it is at most 1 − 1/(2N)), it sums to 1, and no class has probability 0, so that NLL is finite.
 * Read as the votes of N members and of one more who is their mean.
 *
 * @returns an ensembler of `[…, classes]` logits (float32, classes last); it emits log-probabilities of the same shape, which the
 *   caller disposes. Gradients flow through p̄ only. Stock layers cannot say it, so it exports as code. Combining no node throws
 *   `NO_MEMBERS`.
 * @example
 * const ensembler = majorityVote();
 * console.log(ensembler.layers); // undefined
 */
export const majorityVote = (): Ensembler<'logits'> =>
  defineEnsembler({
    package: '@codistill/ensemblers',
    name: 'majorityVote',
    needs: ['logits'],
    combine: (members, context) => {
      const logP = logProbabilities('majorityVote', members, context);
      const n = members.length;
      const logits = tf.tidy(() => {
        const logMean = tf.logSumExp(tf.stack(logP), 0).sub(Math.log(n));
        const logCount = logVotes(tf.stack(members.map((member) => member.logits)));
        return tf.logSumExp(tf.stack([logCount, logMean]), 0).sub(Math.log(n + 1));
      });
      return { logits };
    },
  });
