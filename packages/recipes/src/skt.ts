import type { Model, Optimizer, Scheduled } from '@codistill/core';
import { crossEntropy, kd, skt as structure } from '@codistill/losses';
import type { Begun, Composed, StudentNode, TeacherNode } from './composed.types.ts';
import { type TeacherFirstEpochs, teacherFirst } from './teacher-first.ts';
import { usualOptimizer } from './usual-optimizer.ts';

/**
 * Options of {@link skt}.
 *
 * @example
 * declare const resnet: (options: { depth: number; width?: number }) => Model<'logits' | 'tap:block1' | 'tap:block2' | 'tap:block3'>;
 * const networks = { teacher: resnet({ depth: 20 }), student: resnet({ depth: 20, width: 4 }) };
 * const options: SktRecipeOptions = { ...networks, epochs: { teacher: 60, student: 60 } };
 */
export interface SktRecipeOptions<T extends Model = Model, S extends Model = Model> {
  readonly teacher: T;
  /** The teacher's architecture with fewer channels; the authors take a quarter. */
  readonly student: S;
  readonly epochs: TeacherFirstEpochs;
  /** Taps that are compared, maps of the same sizes in both, from shallow to deep; default the blocks of a ResNet. The authors compare six points of a VGG. */
  readonly at?: readonly [string, ...string[]];
  /** λ₁, within layers; default 0.5, the authors' code. */
  readonly intra?: number;
  /** λ₂, between layers; default 0.5, the authors' code. */
  readonly inter?: number;
  /** Weight of both together; default 1, the authors' code. That sums over positions, so it grows with the image. */
  readonly weight?: Scheduled;
  /** Weight of the teacher's output; default 1, the authors' code. */
  readonly output?: Scheduled;
  /** τ of the output; default 4, our choice: theirs are density maps, compared by squares. */
  readonly temperature?: Scheduled;
  /** Default: `usualOptimizer`, beginning anew for the student. The authors use Adam at 10⁻⁴. */
  readonly optimizer?: Optimizer;
}

/**
 * Structured knowledge transfer: a student with a fraction of the teacher's channels learns what each position of its maps looks like, and
 * how the channels of two layers go together.
 *
 * `L = CE(z_S, y) + τ² KL(p_T ‖ p_S) + λ₁ Σ_layers Σ_hw (1 − cos(r(F_S), F_T)) + λ₂ Σ_{i<j} Σ (G_ij(S) − G_ij(T))²`, r 1 × 1 convolutions with
 * ReLU that are thrown away.
 *
 * Liu et al. 2020, "Efficient crowd counting via structured knowledge transfer", arXiv:2003.10120: the terms, with the weights of the authors'
 * code, on a network that classifies, where theirs counts.
 *
 * @param chain - begun by `pipeline(data)`
 * @param options - `teacher`, `student`, `epochs`, `at`, weights
 * @returns the chain, to be built or added to
 * @example
 * declare const chain: Begun<10>;
 * declare const resnet: (options: { depth: number; width?: number }) => Model<'logits' | 'tap:block1' | 'tap:block2' | 'tap:block3'>;
 * const networks = { teacher: resnet({ depth: 20 }), student: resnet({ depth: 20, width: 4 }) };
 * const run = await skt(chain, { ...networks, epochs: { teacher: 60, student: 60 } }).build();
 */
export function skt<Classes extends number, T extends Model, S extends Model>(
  chain: Begun<Classes>,
  options: SktRecipeOptions<T, S>,
): Composed<Classes, TeacherNode<T, 'teacher', boolean> | StudentNode<S>, 'pretraining' | 'teaching'>;
export function skt(
  chain: Begun,
  {
    teacher,
    student,
    epochs,
    at = ['block1', 'block2', 'block3'],
    intra = 0.5,
    inter = 0.5,
    weight = 1,
    output = 1,
    temperature = 4,
    optimizer = usualOptimizer(...[epochs.teacher, epochs.student].filter((each) => each > 0)),
  }: SktRecipeOptions,
) {
  const hasLearnt = epochs.teacher === 0;
  return chain
    .teacher(teacher, { frozen: hasLearnt })
    .students({ student })
    .stages(teacherFirst(epochs))
    .supervise(crossEntropy(), { to: 'student', when: 'teaching' })
    .use((all) => (hasLearnt ? all : all.supervise(crossEntropy(), { to: 'teacher', when: 'pretraining' })))
    .distill(kd({ temperature }), { when: 'teaching', weight: output })
    .distill(structure({ at, project: true, intra, inter }), { when: 'teaching', weight })
    .optimize(optimizer);
}
