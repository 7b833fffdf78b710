import type { Model, Optimizer, Scheduled } from '@codistill/core';
import { crossEntropy, kd } from '@codistill/losses';
import { courseExam } from '@codistill/programs';
import type { Begun, Composed, StudentNode, TeacherNode } from './composed.types.ts';
import { usualOptimizer } from './usual-optimizer.ts';

/**
 * Options of {@link ikd}.
 *
 * @example
 * declare const resnet: (options: { depth: number }) => Model<'logits'>;
 * const options: IkdOptions = { teacher: resnet({ depth: 20 }), student: resnet({ depth: 8 }), temperature: 4 };
 */
export interface IkdOptions<T extends Model = Model, S extends Model = Model> {
  /** Learns from how its student does in exams, and from labels. */
  readonly teacher: T;
  readonly student: S;
  /** Weight of the student's cross-entropy in the course; default 1, our choice. At 0 the course has the teacher's soft targets alone. */
  readonly labels?: Scheduled;
  /** Weight of the teacher's soft targets in the course; default 1, our choice. */
  readonly weight?: Scheduled;
  /** τ of the soft targets; default 1, our choice. */
  readonly temperature?: Scheduled;
  /** λ, the factor of the teacher's own cross-entropy, which keeps it useful; at least 0, default 1, our choice. */
  readonly teacherLabels?: number;
  /** η, how long the student's step is taken to be when the teacher asks what came of it; default the `lr` of its optimizer. */
  readonly stepSize?: Scheduled;
  /** Default: see `usualOptimizer`. */
  readonly optimizer?: Optimizer;
}

/**
 * Interactive knowledge distillation: a student learns from the soft targets of its teacher, then sits an exam, and the teacher learns to give
 * targets after which the student does better in it.
 *
 * - course, on one half of the batch: `L_S = CE(z_S, y) + w τ² KL(p_T ‖ p_S)`, `S′ = S − η ∇_S L_S`, which the student keeps;
 * - exam, on the other half: `L_T = CE(z_{S′}, y)`, differentiated with respect to the teacher, through S′, and `λ CE(z_T, y)`.
 *
 * Liu, Sun, Qiu & Huang 2021, "Learning to teach with student feedback", arXiv:2109.04641. That course and exam alternate and the teacher
 * is updated by the student's feedback is the paper's. Its equations could not be read: how the feedback is taken is what `courseExam`
 * says of itself, and all numbers are our choice.
 *
 * @param chain - begun by `pipeline(data)`
 * @param options - `teacher`, `student`, weights, `temperature`, `stepSize`
 * @returns the chain, to be built or added to; what is used in the end is `student`
 * @throws CodistillError `OPTION_INVALID` for `teacherLabels` below 0
 * @example
 * declare const chain: Begun<10>;
 * declare const resnet: (options: { depth: number }) => Model<'logits'>;
 * const run = await ikd(chain, { teacher: resnet({ depth: 20 }), student: resnet({ depth: 8 }), temperature: 4 }).build();
 */
export function ikd<Classes extends number, T extends Model, S extends Model>(
  chain: Begun<Classes>,
  options: IkdOptions<T, S>,
): Composed<Classes, TeacherNode<T> | StudentNode<S>>;
export function ikd(
  chain: Begun,
  { teacher, student, labels = 1, weight = 1, temperature = 1, teacherLabels = 1, stepSize, optimizer = usualOptimizer() }: IkdOptions,
) {
  const howLong = stepSize === undefined ? {} : { stepSize };
  return chain
    .teacher(teacher)
    .students({ student })
    .supervise(crossEntropy(), { to: 'teacher' })
    .supervise(crossEntropy(), { to: 'student', weight: labels })
    .supervise(crossEntropy(), { to: 'student', phase: 'exam' })
    .distill(kd({ temperature }), { weight })
    .program(courseExam({ phase: 'exam', weightOfLabels: teacherLabels, ...howLong }))
    .optimize(optimizer);
}
