import { CodistillError, defineDerived, type Derived, detach, type Readings, say } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';
import { pooled } from './pooled.ts';

/**
 * Options of {@link sharedHead}.
 *
 * @example
 * const options: SharedHeadOptions<'s', 'teacher', 'projectedPooled'> = { features: 's', at: 'projectedPooled', classifier: 'teacher' };
 */
export interface SharedHeadOptions<Features extends string = string, Classifier extends string = string, At extends string = string> {
  /** The node whose features are classified. */
  readonly features: Features;
  /** Which tap of it, as wide as the features that the other network classifies. */
  readonly at: At;
  /** The node whose classifier is used. */
  readonly classifier: Classifier;
  /** The classifier's layer over there; default `'logits'`, as in all models of `@codistill/models`. */
  readonly layer?: string;
  /** What losses of this node train: `'features'` alone, or `'both'` those and the classifier. Default `'features'`. */
  readonly gradient?: 'features' | 'both';
}

/**
 * A student's features under another network's classifier: `z = f_s · W_T + b_T`, with that network's own W and b as they are in the step.
 *
 * Chen et al. 2022, "Knowledge distillation with the reused teacher classifier" (SimKD), arXiv:2203.14001, where the teacher is frozen; Jang
 * et al. 2024, "Adaptive teaching with a shared classifier" (ATSC), arXiv:2406.08528, where it goes on learning. In both it is what is used
 * afterwards, and the features come from a projector: `projected(…)` of `@codistill/models`, at `'projectedPooled'`. Maps are averaged over
 * height and width first.
 *
 * @param options - `features`, `at`, `classifier`; `layer` (default `'logits'`), `gradient` (default `'features'`)
 * @returns a node that emits `logits` and owns nothing: it is measured like a student
 * @throws CodistillError from `read` `LAYER_MISSING`, `CLASSIFIER_WIDTH`
 * @example
 * const judged = sharedHead({ features: 's', at: 'projectedPooled', classifier: 'teacher' });
 */
export const sharedHead = <const Features extends string, const Classifier extends string, const At extends string>({
  features,
  at,
  classifier,
  layer = 'logits',
  gradient = 'features',
}: SharedHeadOptions<Features, Classifier, At>): Derived<Features | Classifier, 'logits', never> => {
  const tap = `tap:${at}` as const;
  return defineDerived<Features | Classifier, 'logits', never>({
    package: '@codistill/nodes',
    name: 'sharedHead',
    options: { features, at, classifier, layer, gradient },
    of: [...new Set([features, classifier])],
    emits: ['logits'],
    needs: [],
    reads: { [classifier]: [], [features]: [tap] } as never,
    read: ([student], context) => {
      const { parameters } = context.network(classifier);
      const lent = (name: string): tf.Tensor | undefined => {
        const parameter = parameters[`${layer}/${name}`];
        return parameter === undefined || gradient === 'both' ? parameter : detach(parameter as tf.Tensor);
      };
      const [kernel, bias] = [lent('kernel'), lent('bias')];
      if (kernel === undefined) throw new CodistillError('LAYER_MISSING', say.nodes.layerMissing('sharedHead', layer, classifier, Object.keys(parameters)));
      const f = pooled((student as Readings<typeof tap>)[tap]);
      const [has, [want = 0]] = [f.shape[1], kernel.shape as readonly number[]];
      if (has !== want) throw new CodistillError('CLASSIFIER_WIDTH', say.nodes.classifierWidth('sharedHead', at, has, classifier, want));
      const logits = f.matMul(kernel);
      return { logits: bias === undefined ? logits : logits.add(bias) };
    },
  });
};
