import { CodistillError, defineTerm, type Named, say, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/**
 * Options of {@link weightAnchor}.
 *
 * @example
 * const options: WeightAnchorOptions = { except: 'head' };
 */
export interface WeightAnchorOptions {
  /** What is not anchored: beginnings of parameters' names, or `'head'` for the classifier, `logits/`. Default nothing. */
  readonly except?: 'head' | readonly string[];
}

/**
 * Weights held back where they were: `Σ_l ‖ θ_l − θ⁰_l ‖²` over weight tensors of more than one axis, so neither biases nor batch norm.
 *
 * Jang et al. 2024, "Adaptive teaching with a shared classifier" (ATSC), arXiv:2406.08528. The sum of squares, the choice of tensors and the
 * weights of 1 (CIFAR-100) and 10 (ImageNet) are the published code's. That code exempts the classifier's bias alone, which is not anchored
 * in any case; to exempt the classifier (`except: 'head'`) is what seems to be meant.
 *
 * It compares parameters, no readings: its ends are two networks alike, most often a node and a `snapshot` of it.
 *
 * @param options - `except`, default nothing
 * @returns a term of scalar value
 * @throws CodistillError from `compute` `PARAMETERS_DIFFER` where the networks are not alike
 * @example
 * // .node('initial', snapshot({ of: 'teacher' })).edge(anchor, { from: 'initial', to: 'teacher' })
 * const anchor = weightAnchor({ except: 'head' });
 */
export const weightAnchor = ({ except = [] }: WeightAnchorOptions = {}): Term<'weightAnchor', 'node', never, never> => {
  const beginnings = except === 'head' ? ['logits/'] : except;
  const anchored = (parameters: Named<tf.Tensor>): readonly (readonly [string, tf.Tensor])[] =>
    Object.entries(parameters).filter(([name, { rank }]) => rank > 1 && !beginnings.some((beginning) => name.startsWith(beginning)));
  return defineTerm({
    package: '@codistill/losses',
    name: 'weightAnchor',
    options: { except: typeof except === 'string' ? except : [...except] },
    from: 'node',
    needs: [],
    compute: (_, __, context) => {
      const anchors = context.parameters('from');
      const distances = anchored(context.parameters('to')).map(([name, weights]) => {
        const anchor = anchors[name];
        if (anchor?.shape.join() !== weights.shape.join()) throw new CodistillError('PARAMETERS_DIFFER', say.losses.parametersDiffer('weightAnchor', name));
        return tf.squaredDifference(weights, anchor).sum<tf.Scalar>();
      });
      return tf.addN([tf.scalar(0), ...distances]);
    },
  });
};
