import { type Labels, logSoftmax, type Readings } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/**
 * Logits of several nodes side by side.
 *
 * @returns `[members, batch, classes]`
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * stackedLogits([{ logits: tf.ones([5, 3]) }, { logits: tf.zeros([5, 3]) }]).shape; // [2, 5, 3]
 */
export const stackedLogits = (members: readonly Readings<'logits'>[]): tf.Tensor3D => tf.stack(members.map(({ logits }) => logits)) as tf.Tensor3D;

/**
 * Cross-entropy of each example, `−Σ_c y_c log softmax(z)_c`.
 *
 * @param logits - `[..., batch, classes]`: of several members, or of one
 * @returns `[..., batch]`
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * crossEntropies(tf.zeros([2, 1, 4]), { class: tf.tensor2d([[0, 1, 0, 0]]) }); // log 4, twice
 */
export const crossEntropies = (logits: tf.Tensor, labels: Labels<'class', tf.Tensor>): tf.Tensor => logSoftmax(logits).mul(labels.class).sum(-1).neg();
