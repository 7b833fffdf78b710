import { detach, logSoftmax, type Readings, type TermContext } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/**
 * The readings of one step, with what several edges want of them computed once: the detached form of each tensor and its
 * log-softmax at each temperature.
 *
 * @example
 * declare const shared: SharedReadings;
 * declare const readings: Readings;
 * const target = shared.detached(readings);
 */
export interface SharedReadings {
  /** The same readings without a gradient. */
  detached(readings: Readings): Readings;
  readonly logSoftmax: TermContext['logSoftmax'];
}

/**
 * Makes the cache of one step. Tensors belong to the scope it is used in.
 *
 * `log softmax` of a detached tensor is the detached log-softmax of the original: same numbers, one computation.
 *
 * @param constant - tensor ids that no gradient reaches anyway, such as a frozen teacher's; they are not detached again
 * @example
 * const shared = shareReadings(new Set());
 */
export const shareReadings = (constant: ReadonlySet<number>): SharedReadings => {
  const detachedOf = new Map<number, tf.Tensor>();
  const originalOf = new Map<number, tf.Tensor>();
  const logSoftmaxOf = new Map<string, tf.Tensor>();

  const cut = (tensor: tf.Tensor): tf.Tensor => {
    if (constant.has(tensor.id)) return tensor;
    const known = detachedOf.get(tensor.id);
    if (known !== undefined) return known;
    const made = detach(tensor);
    detachedOf.set(tensor.id, made);
    originalOf.set(made.id, tensor);
    return made;
  };

  const sharedLogSoftmax = (logits: tf.Tensor, temperature?: tf.Scalar): tf.Tensor => {
    const original = originalOf.get(logits.id);
    if (original !== undefined) return cut(sharedLogSoftmax(original, temperature));
    const id = `${logits.id}/${temperature?.id ?? 'at 1'}`;
    const known = logSoftmaxOf.get(id);
    if (known !== undefined) return known;
    const made: tf.Tensor = logSoftmax(temperature === undefined ? logits : tf.div(logits, temperature));
    logSoftmaxOf.set(id, made);
    return made;
  };

  return {
    detached: (readings) => Object.fromEntries(Object.entries(readings).map(([signal, tensor]) => [signal, cut(tensor)])) as unknown as Readings,
    logSoftmax: sharedLogSoftmax,
  };
};
