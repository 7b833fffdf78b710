import type { Ensembler, Model, Optimizer, Scheduled } from '@codistill/core';
import { meanProbabilities } from '@codistill/ensemblers';
import { crossEntropy, hint, kd } from '@codistill/losses';
import type { Begun, Composed, StudentNode, TeacherNode } from './composed.types.ts';
import { usualOptimizer } from './usual-optimizer.ts';

/**
 * What one network tells another: nothing, its predictions, a map of its features, or both.
 *
 * @example
 * const told: Knowledge = 'pred';
 */
export type Knowledge = 'none' | 'pred' | 'feat' | 'both';

/**
 * Who tells whom what: rows are sources, columns listeners.
 *
 * @example
 * const onlyTeacher: Exchange = { teacher: { reader: 'pred', watcher: 'feat' }, reader: { watcher: 'none' }, watcher: { reader: 'none' } };
 */
export interface Exchange {
  readonly teacher: { readonly reader: Knowledge; readonly watcher: Knowledge };
  readonly reader: { readonly watcher: Knowledge };
  readonly watcher: { readonly reader: Knowledge };
}

/**
 * Three readings of how the students exchange "predictions and feature maps"; which one is the paper's is not known.
 *
 * - `ownStyle` (A): each hands on what it learnt by: the reader predictions, the watcher features
 * - `bothWays` (B): both hand on both
 * - `predictionsOnly` (C): both hand on predictions, the conventional arm
 *
 * @example
 * const { watcher } = exchanges.ownStyle; // { reader: 'feat' }
 */
export const exchanges: Readonly<Record<'ownStyle' | 'bothWays' | 'predictionsOnly', Exchange>> = {
  ownStyle: { teacher: { reader: 'pred', watcher: 'feat' }, reader: { watcher: 'pred' }, watcher: { reader: 'feat' } },
  bothWays: { teacher: { reader: 'pred', watcher: 'feat' }, reader: { watcher: 'both' }, watcher: { reader: 'both' } },
  predictionsOnly: { teacher: { reader: 'pred', watcher: 'feat' }, reader: { watcher: 'pred' }, watcher: { reader: 'pred' } },
};

/**
 * Options of {@link learningStyles}.
 *
 * @example
 * declare const resnet: (options: { depth: number }) => Model<'logits' | 'tap:last'>;
 * const options: LearningStylesOptions = { teacher: resnet({ depth: 20 }), reader: resnet({ depth: 8 }), watcher: resnet({ depth: 8 }) };
 */
export interface LearningStylesOptions<T extends Model = Model, R extends Model = Model, W extends Model = Model> {
  /** Learns online, from labels alone. */
  readonly teacher: T;
  /** The student that learns from predictions. */
  readonly reader: R;
  /** The student that learns from feature maps. */
  readonly watcher: W;
  /** Default `exchanges.ownStyle`, our reading. */
  readonly exchange?: Exchange;
  /** The tap that is compared, a map that has one size in all three networks; default `'last'`, our choice. */
  readonly at?: string;
  /** α, the weight of the students' cross-entropy; default 1, our choice. */
  readonly labels?: Scheduled;
  /** Weight of predictions; default 1, our choice. */
  readonly predictions?: Scheduled;
  /** Weight of features; default 1, our choice. */
  readonly features?: Scheduled;
  /** Whether the channels of both maps are brought to length 1 first; default false, our choice. Worth it between families. */
  readonly normalise?: boolean;
  /** τ of predictions; default 1, our choice. */
  readonly temperature?: Scheduled;
  /** How the students vote; default `meanProbabilities()`, our choice. */
  readonly ensembler?: Ensembler<'logits'>;
  /** Default: see `usualOptimizer`. */
  readonly optimizer?: Optimizer;
}

/**
 * Learning styles: a teacher and two students, of which one learns from its predictions and the other from its feature maps, and which
 * hand on to each other what they have learnt.
 *
 * For each ordered pair j → k of the exchange: `τ² KL(p_j ‖ p_k)` and `mean (h(F_k) − F_j)²`, h a trained 1 × 1 convolution at the learner's side.
 *
 * Niyaz, Sambyal & Bathula 2022, "Leveraging different learning styles for improved knowledge distillation in biomedical imaging",
 * arXiv:2212.02931. That there are two students, which of them learns by what, and that they exchange both kinds is the paper's; who hands on
 * what, the layer, the aligners and all numbers are our choice.
 *
 * @param chain - begun by `pipeline(data)`
 * @param options - `teacher`, `reader`, `watcher`, `exchange`, weights
 * @returns the chain, to be built or added to
 * @example
 * declare const chain: Begun<2>;
 * declare const resnet: (options: { depth: number }) => Model<'logits' | 'tap:last'>;
 * const students = { reader: resnet({ depth: 8 }), watcher: resnet({ depth: 8 }) };
 * const run = await learningStyles(chain, { teacher: resnet({ depth: 20 }), ...students, exchange: exchanges.bothWays }).build();
 */
export function learningStyles<Classes extends number, T extends Model, R extends Model, W extends Model>(
  chain: Begun<Classes>,
  options: LearningStylesOptions<T, R, W>,
): Composed<Classes, TeacherNode<T> | StudentNode<R, 'reader'> | StudentNode<W, 'watcher'>>;
export function learningStyles(
  chain: Begun,
  {
    teacher,
    reader,
    watcher,
    exchange = exchanges.ownStyle,
    at = 'last',
    labels = 1,
    predictions = 1,
    features = 1,
    normalise = false,
    temperature = 1,
    ensembler = meanProbabilities(),
    optimizer = usualOptimizer(),
  }: LearningStylesOptions,
) {
  const pred = (told: Knowledge): Scheduled => (told === 'pred' || told === 'both' ? predictions : 0);
  const feat = (told: Knowledge): Scheduled => (told === 'feat' || told === 'both' ? features : 0);
  const byPredictions = kd({ temperature });
  const byFeatures = hint({ at, project: true, normalise });
  return chain
    .teacher(teacher)
    .students({ reader, watcher })
    .supervise(crossEntropy(), { to: 'teacher' })
    .supervise(crossEntropy(), { to: ['reader', 'watcher'], weight: labels })
    .edge(byPredictions, { from: 'teacher', to: 'reader', weight: pred(exchange.teacher.reader) })
    .edge(byFeatures, { from: 'teacher', to: 'reader', weight: feat(exchange.teacher.reader) })
    .edge(byPredictions, { from: 'teacher', to: 'watcher', weight: pred(exchange.teacher.watcher) })
    .edge(byFeatures, { from: 'teacher', to: 'watcher', weight: feat(exchange.teacher.watcher) })
    .edge(byPredictions, { from: 'watcher', to: 'reader', weight: pred(exchange.watcher.reader) })
    .edge(byFeatures, { from: 'watcher', to: 'reader', weight: feat(exchange.watcher.reader) })
    .edge(byPredictions, { from: 'reader', to: 'watcher', weight: pred(exchange.reader.watcher) })
    .edge(byFeatures, { from: 'reader', to: 'watcher', weight: feat(exchange.reader.watcher) })
    .optimize(optimizer)
    .ensemble(ensembler);
}
