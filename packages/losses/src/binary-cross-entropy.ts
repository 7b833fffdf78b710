import { CodistillError, defineTerm, say, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/**
 * Options of {@link binaryCrossEntropy}.
 *
 * @example
 * const options: BinaryCrossEntropyOptions = { positiveWeights: [1, 4, 2] };
 */
export interface BinaryCrossEntropyOptions {
  /** One number above 0 per class, by which its ones count more than its zeros; default all 1. */
  readonly positiveWeights?: readonly number[];
}

/**
 * Cross-entropy of each class by itself: `−mean_c [ w_c y_c log σ(z_c) + (1 − y_c) log(1 − σ(z_c)) ]`, from logits, so that no
 * size of them is too large.
 *
 * For labels whose rows hold any number of ones: several things may be in one picture.
 *
 * @param options - see {@link BinaryCrossEntropyOptions}
 * @returns a term on logits `[batch, classes]`, of value `[batch]`
 * @throws CodistillError `OPTION_INVALID` for a weight that is not above 0; from `state`, `CLASS_WEIGHTS_COUNT` where there is
 *   not one per class
 * @example
 * const several = binaryCrossEntropy({ positiveWeights: [1, 4, 2] });
 */
export const binaryCrossEntropy = ({ positiveWeights }: BinaryCrossEntropyOptions = {}): Term<'binaryCrossEntropy', 'labels', 'logits', 'class'> => {
  const wrong = positiveWeights?.find((weight) => !(weight > 0 && weight < Infinity));
  if (wrong !== undefined) {
    throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('binaryCrossEntropy', 'each of positiveWeights', wrong, 'a number above 0'));
  }
  return defineTerm({
    package: '@codistill/losses',
    name: 'binaryCrossEntropy',
    options: { ...(positiveWeights && { positiveWeights }) },
    from: 'labels',
    labels: 'class',
    needs: ['logits'],
    state: ({ to }) => {
      const classes = to.logits?.at(-1);
      if (positiveWeights !== undefined && classes !== undefined && positiveWeights.length !== classes) {
        throw new CodistillError('CLASS_WEIGHTS_COUNT', say.losses.classWeightsCount('binaryCrossEntropy', positiveWeights.length, classes));
      }
      return { parameters: {}, buffers: {} };
    },
    compute: ({ logits: z }, { class: y }) => {
      const ones = y.mul(tf.softplus(z.neg()));
      const zeros = tf.sub(1, y).mul(tf.softplus(z));
      return (positiveWeights === undefined ? ones : ones.mul(tf.tensor1d([...positiveWeights], 'float32'))).add(zeros).mean(-1);
    },
  });
};
