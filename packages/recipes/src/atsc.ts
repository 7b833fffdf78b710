import type { Model, Optimizer, Scheduled } from '@codistill/core';
import { crossEntropy, featureMse, weightAnchor } from '@codistill/losses';
import { projected } from '@codistill/models';
import { output, sharedHead, snapshot } from '@codistill/nodes';
import { sgd } from '@codistill/optimizers';
import type { Node } from '@codistill/pipeline';
import { twoPhase } from '@codistill/programs';
import { cosine, join } from '@codistill/schedulers';
import type { Begun, Composed, CopyNode, EmittedBy, TeacherNode } from './composed.types.ts';
import type { TeacherFirstEpochs } from './teacher-first.ts';

/**
 * Options of {@link atsc}.
 *
 * @example
 * declare const resnet: (options: { depth: number; width?: number }) => Model<'logits' | 'tap:last'>;
 * const networks = { teacher: resnet({ depth: 32 }), student: resnet({ depth: 8 }) };
 * const options: AtscOptions = { ...networks, to: { channels: 64 }, epochs: { teacher: 60, student: 60 } };
 */
export interface AtscOptions<T extends Model = Model, S extends Model = Model> {
  /** With a classifier `logits`, as all models of `@codistill/models` have. It goes on learning while it teaches. */
  readonly teacher: T;
  /** Gets a projector over its last map, which becomes a part of it. */
  readonly student: S;
  /** What the teacher's map looks like: its channels, and its height and width where they are less than the student's. */
  readonly to: { readonly channels: number; readonly size?: readonly [height: number, width: number] };
  /** How long the teacher learns before, from labels (0: it has learnt), and how long both learn together. */
  readonly epochs: TeacherFirstEpochs;
  /** The tap that is compared, a map in both; default `'last'`. */
  readonly at?: string;
  /** By what the projector's middle is narrower than the teacher's map; default 2, the authors' code. */
  readonly reduce?: number;
  /** β, the weight of features, which move both networks; default 1, the authors' code. */
  readonly features?: Scheduled;
  /** w, the weight of the anchor that holds the teacher where it was; default 1, the authors' code for CIFAR-100, which has 10 for ImageNet. */
  readonly anchor?: Scheduled;
  /** Weight of the student's cross-entropy under the shared classifier; default 0: the authors' code has none, neither there nor for a classifier of its own. */
  readonly labels?: Scheduled;
  /**
   * Which reading of the classifier's update. `'intended'` (default, our reading): labels tune all of the teacher's classifier, and the
   * anchor leaves it out. `'literal'`: what the authors' code comes to, where labels tune its bias alone and the anchor holds its weights.
   */
  readonly variant?: 'intended' | 'literal';
  /** Default SGD from 0.05, momentum 0.9, weight decay 5 · 10⁻⁴, the authors' code for CIFAR-100; half a cosine down in each stage, where they take stairs, is our choice. */
  readonly optimizer?: Optimizer;
}

const publishedOptimizer = ({ teacher }: TeacherFirstEpochs): Optimizer => {
  const rate = cosine({ from: 0.05 });
  return sgd({ lr: teacher === 0 ? rate : join([rate, rate], { epochs: [teacher] }), momentum: 0.9, weightDecay: 5e-4 });
};

/**
 * Adaptive teaching with a shared classifier: a student learns features that the teacher's classifier understands, and the teacher moves
 * towards what the student can follow, held back by an anchor, while labels tune its classifier.
 *
 * Two updates a step: `L = β mean (P(F_S) − F_T)² + w Σ_l ‖θ_T,l − θ⁰_T,l‖²`, nothing detached but θ⁰, for student, projector P and teacher; then
 * `CE(z_T, y)` for the teacher's classifier W_T. What is used, and measured, is `shared`: `W_T(mean_hw P(F_S))`.
 *
 * Jang, Kim, Lim & Lee 2024, "Adaptive teaching with a shared classifier for knowledge distillation", arXiv:2406.08528; terms, projector and
 * weights are the authors' code's, which evaluates a classifier of the student that nothing trains: here it is projector and shared classifier.
 *
 * @param chain - begun by `pipeline(data)`
 * @param options - `teacher`, `student`, `to`, `epochs`, weights, `variant`
 * @returns the chain, to be built or added to; the result is `shared`, `initial` the teacher as it was, `projection` the student's map under the
 *   teacher's name for it. An export has the projector in `student` and the classifier in `teacher`
 * @example
 * declare const chain: Begun<10>;
 * declare const resnet: (options: { depth: number; width?: number }) => Model<'logits' | 'tap:last'>;
 * const networks = { teacher: resnet({ depth: 32 }), student: resnet({ depth: 8 }) };
 * const run = await atsc(chain, { ...networks, to: { channels: 64 }, epochs: { teacher: 60, student: 60 } }).build();
 * const { evaluation } = await run.fit({ seed: 7 });
 * evaluation?.nodes.shared.numbers['accuracy'];
 */
export function atsc<Classes extends number, T extends Model, S extends Model>(
  chain: Begun<Classes>,
  options: AtscOptions<T, S>,
): Composed<
  Classes,
  | TeacherNode<T>
  | Node<'student', EmittedBy<S> | 'tap:projected' | 'tap:projectedPooled', 'student', false>
  | CopyNode<T, 'initial'>
  | Node<'projection', `tap:${string}`, 'derived', false>
  | Node<'shared', 'logits', 'derived', false>,
  'pretraining' | 'teaching'
>;
export function atsc(
  chain: Begun,
  {
    teacher,
    student,
    to,
    epochs,
    at = 'last',
    reduce = 2,
    features = 1,
    anchor = 1,
    labels = 0,
    variant = 'intended',
    optimizer = publishedOptimizer(epochs),
  }: AtscOptions,
) {
  const literal = variant === 'literal';
  const hasLearnt = epochs.teacher === 0;
  const underItsName: Readonly<Record<`tap:${string}`, 'tap:projected'>> = { [`tap:${at}`]: 'tap:projected' as const };
  return chain
    .teacher(teacher)
    .students({ student: projected(student, { from: at, to, reduce }) })
    .stages<'pretraining' | 'teaching'>([
      ...(hasLearnt ? [] : [{ name: 'pretraining', epochs: epochs.teacher, freeze: ['student'] } as const]),
      { name: 'teaching', epochs: epochs.student },
    ])
    .node('initial', snapshot({ of: 'teacher', at: 'teaching' }))
    .node('projection', output({ of: 'student', emit: underItsName }))
    .node('shared', sharedHead({ features: 'student', at: 'projectedPooled', classifier: 'teacher' }))
    .use((all) => (hasLearnt ? all : all.supervise(crossEntropy(), { to: 'teacher', when: 'pretraining' })))
    .supervise(crossEntropy(), { to: 'shared', when: 'teaching', weight: labels })
    .edge(featureMse({ at }), { from: 'teacher', to: 'projection', when: 'teaching', gradient: 'both', weight: features })
    .edge(weightAnchor(literal ? {} : { except: 'head' }), { from: 'initial', to: 'teacher', when: 'teaching', weight: anchor })
    .supervise(crossEntropy(), { to: 'teacher', when: 'teaching', phase: 'classifier' })
    .program(twoPhase({ phase: 'classifier', update: [literal ? 'teacher/logits/bias' : 'teacher/logits/'] }))
    .optimize(optimizer);
}
