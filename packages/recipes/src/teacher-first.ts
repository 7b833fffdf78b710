import type { Stage } from '@codistill/core';

/**
 * How long a teacher learns, and its student after it.
 *
 * @example
 * const lengths: TeacherFirstEpochs = { teacher: 60, student: 60 };
 * const trainedBefore: TeacherFirstEpochs = { teacher: 0, student: 60 };
 */
export interface TeacherFirstEpochs {
  /** Epochs in which the teacher learns alone, from labels; 0 for one that has learnt before, such as `pretrained(...)`, and stays as it is. */
  readonly teacher: number;
  /** Epochs in which the student learns. */
  readonly student: number;
}

/**
 * The stages of classic distillation: `teaching` is what the student learns in, and before it comes `pretraining`, unless the teacher
 * has learnt already.
 *
 * @param epochs - of both
 * @example
 * const stages = teacherFirst({ teacher: 60, student: 60 }); // names 'pretraining', 'teaching'
 */
export const teacherFirst = ({ teacher, student }: TeacherFirstEpochs): readonly Stage<'pretraining' | 'teaching', 'teacher' | 'student'>[] => {
  const teaching = { name: 'teaching', epochs: student, freeze: ['teacher'] } as const;
  return teacher === 0 ? [teaching] : [{ name: 'pretraining', epochs: teacher, freeze: ['student'] }, teaching];
};
