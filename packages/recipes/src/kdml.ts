import type { Ensembler, Model, Optimizer, Scheduled } from '@codistill/core';
import { meanProbabilities } from '@codistill/ensemblers';
import { crossEntropy, kd } from '@codistill/losses';
import type { Begun, Composed, Models, StudentNodes, TeacherNode } from './composed.types.ts';
import { namesOf, type SomeModels } from './some-name.ts';
import { usualOptimizer } from './usual-optimizer.ts';

/**
 * What the students learn from, beside labels: nothing, the teacher, each other, both, or a teacher that is trained already.
 *
 * @example
 * const arms: readonly KdmlArm[] = ['ce', 'kd', 'ml', 'kd+ml', 'offline kd'];
 */
export type KdmlArm = 'ce' | 'kd' | 'ml' | 'kd+ml' | 'offline kd';

/**
 * The numbers of {@link kdml}. None is known of the paper.
 *
 * @example
 * const knobs: KdmlKnobs = { temperature: 4, fromPeers: 0.5 };
 */
export interface KdmlKnobs {
  /** α, the weight of the students' cross-entropy; default 1, our choice. */
  readonly labels?: Scheduled;
  /** β, the weight of what they hear from the teacher; default 1, our choice. */
  readonly fromTeacher?: Scheduled;
  /** γ, the weight of what they hear from each other, as a mean over peers; default 1, our choice. */
  readonly fromPeers?: Scheduled;
  /** τ towards the teacher; default 1, our choice. */
  readonly temperature?: Scheduled;
  /** τ among peers; default 1, our choice, which deep mutual learning has too. */
  readonly peerTemperature?: Scheduled;
}

/**
 * Options of {@link kdml}.
 *
 * @example
 * declare const resnet: (options: { depth: number }) => Model<'logits'>;
 * const options: KdmlOptions = { teacher: resnet({ depth: 20 }), students: { a: resnet({ depth: 8 }), b: resnet({ depth: 8 }) }, arm: 'kd' };
 */
export interface KdmlOptions<T extends Model = Model, Students extends Models = Models, Arm extends KdmlArm = KdmlArm> extends KdmlKnobs {
  /** Learns online, from labels alone. Arms without distillation leave it out: it would teach nobody. */
  readonly teacher: T;
  /** One or more, by name; the paper says several. */
  readonly students: Students;
  /** Default `'kd+ml'`. */
  readonly arm?: Arm;
  /** How the students vote; default `meanProbabilities()`, our choice. */
  readonly ensembler?: Ensembler<'logits'>;
  /** Default: see `usualOptimizer`. Each network has its own slots. */
  readonly optimizer?: Optimizer;
}

/**
 * Three readings of the numbers, to be spread into the options of {@link kdml}; none is the paper's.
 *
 * - `plain`: all weights 1, no temperature
 * - `mostlyTaught`: α = 0.1 as in a later work of the authors, whose remainder is shared by teacher and peers; the sharing is our choice
 * - `softened`: all weights 1, τ = 4 towards the teacher, as distillation often has, and 1 among peers, as mutual learning has
 *
 * @example
 * declare const chain: Begun<10>;
 * declare const net: Model<'logits'>;
 * const composed = kdml(chain, { teacher: net, students: { a: net, b: net }, ...kdmlPresets.softened });
 */
export const kdmlPresets: Readonly<Record<'plain' | 'mostlyTaught' | 'softened', Required<KdmlKnobs>>> = {
  plain: { labels: 1, fromTeacher: 1, fromPeers: 1, temperature: 1, peerTemperature: 1 },
  mostlyTaught: { labels: 0.1, fromTeacher: 0.45, fromPeers: 0.45, temperature: 1, peerTemperature: 1 },
  softened: { labels: 1, fromTeacher: 1, fromPeers: 1, temperature: 4, peerTemperature: 1 },
};

/** The teacher is in the arms in which somebody listens to it. */
type TaughtBy<T extends Model, Arm extends KdmlArm> = Arm extends 'kd' | 'kd+ml' ? TeacherNode<T> : Arm extends 'offline kd' ? TeacherNode<T, 'teacher', true> : never;

/**
 * Knowledge distillation with peer-to-peer mutual learning, online: a teacher that learns from labels and students that learn from
 * labels, from the teacher and from each other, all in the same step; the students' ensemble predicts.
 *
 * `L_T = CE(z_T, y)`, `L_k = α CE(z_k, y) + β τ² KL(p_T ‖ p_k) + γ 1/(N − 1) Σ_j τ² KL(p_j ‖ p_k)`, sources detached.
 *
 * Niyaz & Bathula 2022, "Augmenting knowledge distillation with peer-to-peer mutual learning for model compression",
 * arXiv:2110.11023. Of the paper the graph is known, that it is trained online, and that ensembles of students are compared; its
 * equations and numbers are not, so everything else here is our choice.
 *
 * @param chain - begun by `pipeline(data)`
 * @param options - `teacher`, `students`, `arm`, weights and temperatures
 * @returns the chain, to be built or added to
 * @example
 * declare const chain: Begun<10>;
 * declare const resnet: (options: { depth: number }) => Model<'logits'>;
 * const run = await kdml(chain, { teacher: resnet({ depth: 20 }), students: { a: resnet({ depth: 8 }), b: resnet({ depth: 8 }) } }).build();
 * const { evaluation } = await run.fit({ epochs: 10, seed: 7 });
 * evaluation?.ensemble?.numbers['accuracy'];
 */
export function kdml<Classes extends number, T extends Model, const Students extends Models, const Arm extends KdmlArm = 'kd+ml'>(
  chain: Begun<Classes>,
  options: KdmlOptions<T, Students, Arm>,
): Composed<Classes, TaughtBy<T, Arm> | StudentNodes<Students>>;
export function kdml(
  chain: Begun,
  {
    teacher,
    students,
    arm = 'kd+ml',
    labels = 1,
    fromTeacher = 1,
    fromPeers = 1,
    temperature = 1,
    peerTemperature = 1,
    ensembler = meanProbabilities(),
    optimizer = usualOptimizer(),
  }: KdmlOptions<Model, SomeModels>,
): unknown {
  const amongPeers = { weight: arm === 'ml' || arm === 'kd+ml' ? fromPeers : 0 };
  if (arm === 'ce' || arm === 'ml') {
    return chain
      .students<SomeModels>(students)
      .supervise(crossEntropy(), { weight: labels })
      .mutual(kd({ temperature: peerTemperature }), amongPeers)
      .optimize(optimizer)
      .ensemble(ensembler);
  }
  return chain
    .teacher(teacher, { frozen: arm === 'offline kd' })
    .students<SomeModels>(students)
    .supervise(crossEntropy(), { to: namesOf(students), weight: labels })
    .use((all) => (arm === 'offline kd' ? all : all.supervise(crossEntropy(), { to: 'teacher' })))
    .distill(kd({ temperature }), { weight: fromTeacher })
    .mutual(kd({ temperature: peerTemperature }), amongPeers)
    .optimize(optimizer)
    .ensemble(ensembler);
}
