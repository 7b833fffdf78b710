import type { Model, Optimizer, Scheduled } from '@codistill/core';
import { crossEntropy, kd } from '@codistill/losses';
import { interleave } from '@codistill/nodes';
import type { Begun, Composed, DerivedNode, StudentNode, TeacherNode } from './composed.types.ts';
import { keepProbability, type KeepSchedule } from './keep-probability.ts';
import { type TeacherFirstEpochs, teacherFirst } from './teacher-first.ts';
import { usualOptimizer } from './usual-optimizer.ts';

/**
 * Options of {@link iakd}.
 *
 * @example
 * declare const resnet: (options: { depth: number }) => Model<'logits' | 'tap:block1' | 'tap:block2' | 'tap:block3'>;
 * const options: IakdOptions = { teacher: resnet({ depth: 20 }), student: resnet({ depth: 8 }), epochs: { teacher: 60, student: 60 }, schedule: 'review' };
 */
export interface IakdOptions<T extends Model = Model, S extends Model = Model> {
  readonly teacher: T;
  /** A shallower network of the same family: maps at the taps have the same shapes. */
  readonly student: S;
  readonly epochs: TeacherFirstEpochs;
  /** Taps at which blocks end, in order, by the names they have in both; default the blocks of a ResNet. */
  readonly at?: readonly [string, ...string[]];
  /** The tap at which the first block begins; default the input: layers before it are never swapped. */
  readonly after?: string;
  /**
   * How p changes, by the paper's names as remembered. `'uniform'`: not at all; `'growth'` (default, our choice): linearly to 1, so that in the end
   * the student's batch norm meets its own features; `'review'`: so, `reviews` times.
   */
  readonly schedule?: KeepSchedule;
  /** p, of using the student's own block, where it begins; default 0.5, our choice. At 1 nothing is swapped in, and the student learns as it would alone. */
  readonly keep?: number;
  /** How often p grows in a review; default 2, our choice. */
  readonly reviews?: number;
  /** Weight of the teacher's output, for the hybrid; default 0, as the paper's method is remembered: swapping in is all there is. */
  readonly output?: Scheduled;
  /** τ of that; default 4, our choice. */
  readonly temperature?: Scheduled;
  /** Default: `usualOptimizer`, beginning anew for the student. */
  readonly optimizer?: Optimizer;
}

/**
 * Interactive knowledge distillation: in each step some blocks of the student, at random, are the teacher's, so that its other blocks learn to work with
 * what the teacher makes of their maps.
 *
 * `L = CE(z_H, y)`, `h_i = a_i S_i(h_{i−1}) + (1 − a_i) T_i(h_{i−1})`, `a_i ~ Bernoulli(p)` for the whole batch, z_H the student's classifier on the last h.
 *
 * Fu et al. 2020, "Interactive knowledge distillation", arXiv:2007.01476. Of the paper is known that blocks are swapped in at random; the equation
 * and the schedules are as remembered, all numbers our choice.
 *
 * @param chain - begun by `pipeline(data)`
 * @param options - `teacher`, `student`, `epochs`, `at`, `schedule`, `keep`
 * @returns the chain, to be built or added to; `hybrid` is what is trained, `student` what is used
 * @throws CodistillError `OPTION_INVALID`; from `.build()` `BLOCKS_DIFFER`
 * @example
 * declare const chain: Begun<10>;
 * declare const resnet: (options: { depth: number }) => Model<'logits' | 'tap:block1' | 'tap:block2' | 'tap:block3'>;
 * const networks = { teacher: resnet({ depth: 20 }), student: resnet({ depth: 8 }) };
 * const run = await iakd(chain, { ...networks, epochs: { teacher: 60, student: 60 } }).build();
 */
export function iakd<Classes extends number, T extends Model, S extends Model>(
  chain: Begun<Classes>,
  options: IakdOptions<T, S>,
): Composed<Classes, TeacherNode<T, 'teacher', boolean> | StudentNode<S> | DerivedNode<'hybrid', 'logits'>, 'pretraining' | 'teaching'>;
export function iakd(
  chain: Begun,
  {
    teacher,
    student,
    epochs,
    at = ['block1', 'block2', 'block3'],
    after,
    schedule = 'growth',
    keep = 0.5,
    reviews = 2,
    output = 0,
    temperature = 4,
    optimizer = usualOptimizer(...[epochs.teacher, epochs.student].filter((each) => each > 0)),
  }: IakdOptions,
) {
  const hasLearnt = epochs.teacher === 0;
  const probability = keepProbability({ schedule, keep, reviews, begins: epochs.teacher, epochs: epochs.student });
  return chain
    .teacher(teacher, { frozen: hasLearnt })
    .students({ student })
    .node('hybrid', interleave({ keep: 'student', swapIn: 'teacher', at, ...(after === undefined ? {} : { after }), probability }))
    .stages(teacherFirst(epochs))
    .supervise(crossEntropy(), { to: 'hybrid', when: 'teaching' })
    .use((all) => (hasLearnt ? all : all.supervise(crossEntropy(), { to: 'teacher', when: 'pretraining' })))
    .distill(kd({ temperature }), { to: 'hybrid', when: 'teaching', weight: output })
    .optimize(optimizer);
}
