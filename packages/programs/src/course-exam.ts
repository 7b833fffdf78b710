import { CodistillError, defineProgram, type EdgeSpec, type Gradients, type Named, type Program, say, type Scheduled } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/**
 * Options of {@link courseExam}.
 *
 * @example
 * const options: CourseExamOptions = { teacher: 'teacher', phase: 'exam', weightOfLabels: 1 };
 */
export interface CourseExamOptions {
  /** The node that learns to teach; default `'teacher'`. */
  readonly teacher?: string;
  /** What the losses of the exam name as their `phase`; default: the exam is what compares students with labels, in the course and again in the exam. */
  readonly phase?: string;
  /** Factor of the teacher's own losses, at least 0: labels keep it useful. Default 1. */
  readonly weightOfLabels?: number;
  /** η, how long the student's step is taken to be; a number or a schedule. Default the `lr` of each student's optimizer. */
  readonly stepSize?: Scheduled;
  /** How far the weights are moved to try them, above 0; default 0.01. */
  readonly epsilon?: number;
}

type Values = readonly (readonly [tf.Variable, tf.Tensor])[];

const assign = (values: Values): void => {
  for (const [variable, value] of values) variable.assign(value);
};

const zipped = (a: Named<tf.Tensor>, b: Named<tf.Tensor>, join: (a: tf.Tensor | undefined, b: tf.Tensor | undefined) => tf.Tensor): Named<tf.Tensor> =>
  Object.fromEntries([...new Set([...Object.keys(a), ...Object.keys(b)])].map((name) => [name, join(a[name], b[name])]));

const plus = (a: tf.Tensor | undefined, b: tf.Tensor | undefined): tf.Tensor => (a === undefined ? (b as tf.Tensor) : b === undefined ? a : a.add(b));

/**
 * The teacher learns from how its student fares. In each step, with the batch in two halves:
 *
 * - course: the students learn from the first half as ever, `S′ = S − η ∇_S L(S, T)`, and keep what they learnt;
 * - exam: the students' loss on the second half, `L_exam(S′)`, is differentiated with respect to the *teacher*, through the course's soft
 *   targets, `∇_T L_exam = −η ∂²L/∂T∂S · ∇_{S′} L_exam ≈ −( ∇_T L(S + ε v, T) − ∇_T L(S − ε v, T) ) / 2ε`, `v = η ∇_{S′} L_exam`, and the
 *   teacher moves by that and its own losses on the first half.
 *
 * Liu et al. 2021, "Learning to teach with student feedback" (IKD), arXiv:2109.04641: alternates a course step and an exam step so.
 * **Equations could not be read there.** That the second-order term is taken by a finite difference, ε = 0.01 / ‖v‖ (as Liu et al. 2019,
 * DARTS, arXiv:1806.09055, do it), halves of one batch as course and exam, and the weight of labels are our reconstruction. The exact term
 * would need gradients of gradients, which not all of our kernels have.
 *
 * **What it takes for granted.** The student's virtual step is plain gradient descent: momentum and decay count in the step it makes, not in
 * what the teacher hears of it.
 *
 * **Moving statistics** move in the course alone, by the first half; the weights that are only tried are read with the statistics of the
 * batch, as in training, and leave buffers as they were.
 *
 * Stages in which the teacher, or every student, rests have the joint step. A step costs four passes of each network, on half a batch each.
 *
 * @param options - `teacher` `'teacher'`, `phase`, `weightOfLabels` 1, `stepSize`, `epsilon` 0.01
 * @returns a program, with one phase if you name one
 * @throws CodistillError `OPTION_INVALID`; from `step` `EXAM_MISSING`
 * @example
 * const feedback = courseExam({ weightOfLabels: 1 });
 */
export const courseExam = ({ teacher = 'teacher', phase, weightOfLabels = 1, stepSize, epsilon = 0.01 }: CourseExamOptions = {}): Program => {
  if (!(weightOfLabels >= 0 && weightOfLabels < Infinity)) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('courseExam', 'weightOfLabels', weightOfLabels, 'a number of at least 0'));
  if (!(epsilon > 0 && epsilon < Infinity)) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('courseExam', 'epsilon', epsilon, 'a number above 0'));
  const isCourse = (edge: EdgeSpec): boolean => edge.to !== teacher && edge.phase === undefined;
  const isExam = (edge: EdgeSpec): boolean => (phase === undefined ? isCourse(edge) && edge.from === 'labels' : edge.phase === phase);
  const [first, second] = [[0, 2], [1, 2]] as const;
  return defineProgram({
    package: '@codistill/programs',
    name: 'courseExam',
    options: { teacher, ...(phase === undefined ? {} : { phase }), weightOfLabels, ...(stepSize === undefined ? {} : { stepSize }), epsilon },
    phases: phase === undefined ? [] : [phase],
    scalars: stepSize === undefined ? {} : { stepSize },
    step: ({ learners, gradients, apply, parameters, scalar, scalarOf }) => {
      const students = learners.filter((name) => name !== teacher);
      if (students.length === 0 || students.length === learners.length) {
        apply(gradients());
        return;
      }
      const isStudent = (node: string): boolean => node !== teacher;
      const isTeacher = (node: string): boolean => node === teacher;
      const weights = (): Values => students.flatMap((name) => Object.values(parameters(name)).map((variable) => [variable, variable.clone()] as const));

      const before = weights();
      apply(gradients({ edges: isCourse, parameters: isStudent, part: first }));
      const learnt = weights();

      const feedback: Gradients = gradients({ edges: isExam, parameters: isStudent, part: second, virtual: true });
      const along: Values = Object.entries(feedback).flatMap(([name, own]) => {
        const η = stepSize === undefined ? scalarOf(name, 'lr') : scalar('stepSize');
        return Object.entries(own).map(([parameter, gradient]) => [parameters(name)[parameter] as tf.Variable, gradient.mul(η)] as const);
      });
      if (along.length === 0) {
        throw new CodistillError('EXAM_MISSING', say.nodes.examMissing('courseExam', phase === undefined ? 'supervise a student' : `let one that a student learns from say { phase: '${phase}' }`));
      }
      const length = tf.sqrt(tf.addN(along.map(([, v]) => v.square().sum())));
      const ε = tf.div(epsilon, tf.maximum(length, 1e-12));
      const ofTeacher = (sign: 1 | -1): Named<tf.Tensor> => {
        assign(before);
        assign(along.map(([variable, v]) => [variable, variable.add(v.mul(ε).mul(sign))]));
        return gradients({ edges: (edge) => isCourse(edge) && edge.from !== 'labels', parameters: isTeacher, part: first, flow: 'from', virtual: true })[teacher] ?? {};
      };
      const [ahead, behind] = [ofTeacher(1), ofTeacher(-1)];
      const heard = zipped(ahead, behind, (a, b) => plus(a?.neg(), b).div(ε.mul(2)));

      assign(learnt);
      const own = weightOfLabels === 0 ? {} : (gradients({ edges: (edge) => edge.to === teacher && edge.phase === undefined, parameters: isTeacher, part: first, virtual: true })[teacher] ?? {});
      apply({ [teacher]: zipped(heard, own, (a, b) => plus(a, b?.mul(weightOfLabels))) });
    },
  });
};
