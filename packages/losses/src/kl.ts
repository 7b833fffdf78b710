import type * as tf from '@tensorflow/tfjs';
import { perExample } from './per-example.ts';

/**
 * `KL(p ‖ q) = Σ_c p_c (log p_c − log q_c)`: the sum over classes (last axis), averaged over pixels if there are any.
 * From log-probabilities, so that logits of ±10⁴ stay finite: `p_c = 0` times a finite difference of logs is 0.
 *
 * @param logP - log-probabilities of the source, `[batch, ..., classes]`
 * @param logQ - log-probabilities of the learner, same shape
 * @returns `[batch]`; the caller disposes it
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * kl(tf.logSoftmax(tf.tensor2d([[1, 2]])), tf.logSoftmax(tf.tensor2d([[1, 2]]))); // [0]
 */
export const kl = (logP: tf.Tensor, logQ: tf.Tensor): tf.Tensor => perExample(logP.exp().mul(logP.sub(logQ)).sum(-1));
