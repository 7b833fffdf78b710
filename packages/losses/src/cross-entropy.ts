import { CodistillError, defineTerm, say, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/**
 * Options of {@link crossEntropy}.
 *
 * @example
 * const rareFirst: CrossEntropyOptions = { classWeights: [1, 8], normaliseBy: 'weights' };
 */
export interface CrossEntropyOptions {
  /** One number above 0 per class, in label order; default all 1. */
  readonly classWeights?: readonly number[];
  /**
   * What a weighted sum over the batch is divided by: the `'weights'` of its examples (default; PyTorch for class labels), or
   * the size of the `'batch'` (Keras; PyTorch for probabilities). No difference without `classWeights`.
   */
  readonly normaliseBy?: 'weights' | 'batch';
  /** Share of each label spread evenly over all classes, in [0, 1); default 0. */
  readonly labelSmoothing?: number;
}

/**
 * Cross-entropy from class labels: `−Σ_c w_c q_c log softmax(z)_c`, `q = (1 − ε) y + ε/C`.
 * Label smoothing ε: Szegedy et al. 2016, arXiv:1512.00567, shared over all C classes as in PyTorch.
 *
 * Label rows are distributions, so mixed labels (mixup) need nothing else. With weights, an example weighs `w_b = Σ_c w_c y_bc`.
 * `normaliseBy: 'weights'` wants `Σ_b l_b / Σ_b w_b`, and the engine takes the mean of what a term returns; so each value is
 * divided by the batch's mean weight, `l_b / (Σ_b w_b / B)`, whose mean is just that. An example's value then depends on the
 * batch it is in.
 *
 * @param options - see {@link CrossEntropyOptions}
 * @returns a term on logits `[batch, classes]`, of value `[batch]`
 * @throws CodistillError `OPTION_INVALID` for an option out of range; from `state`, `CLASS_WEIGHTS_COUNT` where
 *   there is not one weight per class
 * @example
 * const plain = crossEntropy();
 * const balanced = crossEntropy({ classWeights: [1, 3.5], labelSmoothing: 0.1 });
 */
export const crossEntropy = ({
  classWeights,
  normaliseBy = 'weights',
  labelSmoothing: ε = 0,
}: CrossEntropyOptions = {}): Term<'crossEntropy', 'labels', 'logits', 'class'> => {
  if (!(ε >= 0 && ε < 1)) {
    throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('crossEntropy', 'labelSmoothing', ε, 'at least 0 and below 1'));
  }
  const wrong = classWeights?.find((weight) => !(weight > 0 && weight < Infinity));
  if (wrong !== undefined) {
    throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('crossEntropy', 'each of classWeights', wrong, 'a number above 0'));
  }
  if (!['weights', 'batch'].includes(normaliseBy)) {
    throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('crossEntropy', 'normaliseBy', normaliseBy, "'weights' or 'batch'"));
  }
  return defineTerm({
    package: '@codistill/losses',
    name: 'crossEntropy',
    options: { ...(classWeights && { classWeights, normaliseBy }), ...(ε !== 0 && { labelSmoothing: ε }) },
    from: 'labels',
    labels: 'class',
    needs: ['logits'],
    state: ({ to }) => {
      const classes = to.logits?.at(-1);
      if (classWeights !== undefined && classes !== undefined && classWeights.length !== classes) {
        throw new CodistillError('CLASS_WEIGHTS_COUNT', say.parts.classWeightsCount(classWeights.length, classes));
      }
      return { parameters: {}, buffers: {} };
    },
    compute: (node, { class: y }, context) => {
      const logP = context.logSoftmax(node.logits);
      const q = ε === 0 ? y : y.mul(1 - ε).add(ε / (y.shape.at(-1) ?? 1));
      if (classWeights === undefined) return q.mul(logP).sum(-1).neg();

      const w = tf.tensor1d([...classWeights], 'float32');
      const losses = q.mul(w).mul(logP).sum(-1).neg();
      return normaliseBy === 'batch' ? losses : losses.div(y.mul(w).sum(-1).mean());
    },
  });
};
