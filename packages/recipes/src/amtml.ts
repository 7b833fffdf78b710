import type { Model, Optimizer, Scheduled } from '@codistill/core';
import { crossEntropy, hint, kd, rkdAngle, rkdDistance } from '@codistill/losses';
import { instanceWeighted } from '@codistill/nodes';
import { sgd } from '@codistill/optimizers';
import type { Node } from '@codistill/pipeline';
import type { Begun, Composed, Models, StudentNode, TeacherNode } from './composed.types.ts';
import { namesOf, type SomeModels, type SomeName } from './some-name.ts';
import { usualOptimizer } from './usual-optimizer.ts';

/**
 * How long each stage of {@link amtml} is.
 *
 * @example
 * const lengths: AmtmlEpochs = { teachers: 0, adapter: 80, student: 200 };
 */
export interface AmtmlEpochs {
  /** Epochs in which the teachers learn alone, from labels; 0 for some that have learnt before, such as `pretrained(...)`, and stay as they are. */
  readonly teachers: number;
  /** Epochs in which the weights of teachers learn together with the student; the authors' code has 80. */
  readonly adapter: number;
  /** Epochs in which these rest and the student goes on; the authors' code has 200. */
  readonly student: number;
}

/**
 * Options of {@link amtml}.
 *
 * @example
 * declare const resnet: (options: { depth: number }) => Model<'logits' | 'tap:last' | 'tap:block2' | 'tap:block3'>;
 * const teachers = { t1: resnet({ depth: 32 }), t2: resnet({ depth: 56 }) };
 * const epochs = { teachers: 0, adapter: 80, student: 200 };
 * const options: AmtmlOptions = { teachers, student: resnet({ depth: 20 }), hints: { t1: 'block2', t2: 'block3' }, epochs };
 */
export interface AmtmlOptions<Teachers extends Models = Models, S extends Model = Model> {
  /** One or more, by name. */
  readonly teachers: Teachers;
  readonly student: S;
  /** Which tap each teacher gives a hint for, a map of one size in both; whoever is left out gives none. The authors give each group of the student's blocks another teacher. */
  readonly hints: { readonly [Name in keyof Teachers]?: string };
  readonly epochs: AmtmlEpochs;
  /** The student's tap by which it weighs its teachers; default `'last'`, the authors' code. */
  readonly at?: string;
  /** 1 − α, the weight of cross-entropy; default 0.3, the authors' code. */
  readonly labels?: Scheduled;
  /** Weight of the mixed soft target; default 0.7, our choice. The authors' 2 α = 1.4 is that of a mean over classes, `1.4 / classes` here. */
  readonly predictions?: Scheduled;
  /** τ at which teachers are mixed and heard; default 5, the authors' run. */
  readonly temperature?: number;
  /** Weight of the angles between examples; default 1, the authors' code. */
  readonly angles?: Scheduled;
  /** Weight of the distances between examples; default 1, the authors' code. */
  readonly distances?: Scheduled;
  /** Weight of the hints, in the stage `adapter` alone; default 1, the authors' code. */
  readonly hintWeight?: Scheduled;
  /** Weight of the mixture's own cross-entropy, by which the weights of teachers learn who is right; default 0: the authors' code has none, and they learn who is easily followed. */
  readonly mixtureLabels?: Scheduled;
  /** Default: `usualOptimizer`, beginning anew in each stage. */
  readonly optimizer?: Optimizer;
  /** Of the weights of teachers; default SGD at 0.1, momentum 0.9, decay 0.2, which is the authors' `0.1 (‖W‖² + Σ ‖θ‖²)`. Their rate comes down, ours does not. */
  readonly adapter?: Optimizer;
}

/** In which the student learns. */
const LEARNING = ['adapter', 'student'] as const;

/**
 * Adaptive multi-teacher multi-level distillation: for each example the student weighs its teachers and learns from their mixture, from how
 * the mixture sees examples relative to each other, and by hints of a different teacher for each depth.
 *
 * `L = (1 − α) CE(z_S, y) + w τ² KL(q ‖ p_S) + L_angle(z_S, q) + L_distance(z_S, q) + Σ_t mean (r(F_S) − F_t)²`, with
 * `q(x) = Σ_t w_t(x) softmax(z_t / τ)`, `w(x) = softmax_t Wᵀ(θ_t ⊙ β(x))`, β the strongest of the student's last map, maps normalised over channels.
 *
 * First W and θ learn along with the student (`adapter`), then they rest (`student`) and hints are over.
 *
 * Liu, Zhang & Wang 2020, "Adaptive multi-teacher multi-level knowledge distillation", arXiv:2103.04062; terms, stages and weights are the
 * authors' code's, but for what the options say.
 *
 * @param chain - begun by `pipeline(data)`
 * @param options - `teachers`, `student`, `hints`, `epochs`, weights
 * @returns the chain, to be built or added to; `mix` is the teachers as the student weighs them, with the weights in `tap:weights`
 * @throws CodistillError `NO_MEMBERS` without teachers
 * @example
 * declare const chain: Begun<10>;
 * declare const resnet: (options: { depth: number }) => Model<'logits' | 'tap:last' | 'tap:block2' | 'tap:block3'>;
 * const teachers = { t1: resnet({ depth: 32 }), t2: resnet({ depth: 56 }) };
 * const epochs = { teachers: 60, adapter: 80, student: 200 };
 * const run = await amtml(chain, { teachers, student: resnet({ depth: 20 }), hints: { t1: 'block2', t2: 'block3' }, epochs }).build();
 */
export function amtml<Classes extends number, const Teachers extends Models, S extends Model>(
  chain: Begun<Classes>,
  options: AmtmlOptions<Teachers, S>,
): Composed<
  Classes,
  | { [Name in keyof Teachers & string]: TeacherNode<Teachers[Name], Name, boolean> }[keyof Teachers & string]
  | StudentNode<S>
  | Node<'mix', 'logits' | 'tap:weights', 'derived', false>,
  'pretraining' | 'adapter' | 'student'
>;
export function amtml(
  chain: Begun,
  {
    teachers,
    student,
    hints,
    epochs,
    at = 'last',
    labels = 0.3,
    predictions = 0.7,
    temperature = 5,
    angles = 1,
    distances = 1,
    hintWeight = 1,
    mixtureLabels = 0,
    optimizer = usualOptimizer(...[epochs.teachers, epochs.adapter, epochs.student].filter((each) => each > 0)),
    adapter = sgd({ lr: 0.1, momentum: 0.9, weightDecay: 0.2 }),
  }: AmtmlOptions<SomeModels>,
): unknown {
  const names = namesOf(teachers);
  const haveLearnt = epochs.teachers === 0;
  // W and θ learn through what comes from the mixture. Nothing else lies that way: teachers rest, and β is detached.
  const fromMix = { from: 'mix', to: 'student', when: LEARNING, gradient: 'both' } as const;
  return chain
    .teachers<SomeModels, boolean>(teachers, { frozen: haveLearnt })
    .students({ student })
    .node('mix', instanceWeighted({ of: names, by: 'student', at, temperature }))
    .stages<'pretraining' | 'adapter' | 'student'>([
      ...(haveLearnt ? [] : [{ name: 'pretraining', epochs: epochs.teachers, freeze: ['student', 'mix'] } as const]),
      { name: 'adapter', epochs: epochs.adapter, freeze: names },
      { name: 'student', epochs: epochs.student, freeze: [...names, 'mix'] },
    ])
    .supervise(crossEntropy(), { to: 'student', when: LEARNING, weight: labels })
    .supervise(crossEntropy(), { to: 'mix', when: 'adapter', weight: mixtureLabels })
    .use((all) => (haveLearnt ? all : all.supervise(crossEntropy(), { to: names, when: 'pretraining' })))
    .edge(kd({ temperature }), { ...fromMix, weight: predictions })
    .edge(rkdAngle(), { ...fromMix, weight: angles })
    .edge(rkdDistance(), { ...fromMix, weight: distances })
    .use((all) =>
      (Object.entries(hints) as [SomeName, string][]).reduce(
        (soFar, [from, tap]) => soFar.edge(hint({ at: tap, project: true, normalise: true }), { from, to: 'student', when: 'adapter', weight: hintWeight }),
        all,
      ),
    )
    .optimize({ default: optimizer, mix: adapter });
}
