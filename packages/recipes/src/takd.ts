import type { Model, Optimizer, Scheduled } from '@codistill/core';
import { crossEntropy, kd } from '@codistill/losses';
import type { Begun, Composed, StudentNode, TeacherNode } from './composed.types.ts';
import { usualOptimizer } from './usual-optimizer.ts';

/**
 * Options of {@link takd}.
 *
 * @example
 * declare const resnet: (options: { depth: number }) => Model<'logits'>;
 * const networks = { teacher: resnet({ depth: 32 }), assistant: resnet({ depth: 14 }), student: resnet({ depth: 8 }) };
 * const options: TakdOptions = { ...networks, epochs: { teacher: 60, assistant: 60, student: 60 } };
 */
export interface TakdOptions<T extends Model = Model, A extends Model = Model, S extends Model = Model> {
  readonly teacher: T;
  /** A network of a size between the two. */
  readonly assistant: A;
  readonly student: S;
  /** How long each of them learns, one after the other. */
  readonly epochs: { readonly teacher: number; readonly assistant: number; readonly student: number };
  /** Weight of what the assistant hears from the teacher, and the student from the assistant; default 1, our choice. */
  readonly weight?: Scheduled;
  /** τ; default 4, our choice. */
  readonly temperature?: Scheduled;
  /** Default: `usualOptimizer`, beginning anew for each of the three. */
  readonly optimizer?: Optimizer;
}

/**
 * Teacher assistant distillation: where teacher and student are too far apart, a network between them learns from the one and teaches the other.
 *
 * Three stages: `L_T = CE(z_T, y)`; `L_A = CE(z_A, y) + w τ² KL(p_T ‖ p_A)`; `L_S = CE(z_S, y) + w τ² KL(p_A ‖ p_S)`.
 *
 * Mirzadeh et al. 2020, "Improved knowledge distillation via teacher assistant", arXiv:1902.03393, whose idea is all that is taken
 * from it; numbers are our choice.
 *
 * @param chain - begun by `pipeline(data)`
 * @param options - `teacher`, `assistant`, `student`, `epochs`, `weight`, `temperature`
 * @returns the chain, to be built or added to
 * @example
 * declare const chain: Begun<10>;
 * declare const resnet: (options: { depth: number }) => Model<'logits'>;
 * const networks = { teacher: resnet({ depth: 32 }), assistant: resnet({ depth: 14 }), student: resnet({ depth: 8 }) };
 * const run = await takd(chain, { ...networks, epochs: { teacher: 60, assistant: 60, student: 60 } }).build();
 */
export function takd<Classes extends number, T extends Model, A extends Model, S extends Model>(
  chain: Begun<Classes>,
  options: TakdOptions<T, A, S>,
): Composed<Classes, TeacherNode<T> | TeacherNode<A, 'assistant'> | StudentNode<S>, 'teacher' | 'assistant' | 'student'>;
export function takd(
  chain: Begun,
  {
    teacher,
    assistant,
    student,
    epochs,
    weight = 1,
    temperature = 4,
    optimizer = usualOptimizer(epochs.teacher, epochs.assistant, epochs.student),
  }: TakdOptions,
) {
  return chain
    .teachers({ teacher, assistant })
    .students({ student })
    .stages([
      { name: 'teacher', epochs: epochs.teacher, freeze: ['assistant', 'student'] },
      { name: 'assistant', epochs: epochs.assistant, freeze: ['teacher', 'student'] },
      { name: 'student', epochs: epochs.student, freeze: ['teacher', 'assistant'] },
    ])
    .supervise(crossEntropy(), { to: 'teacher', when: 'teacher' })
    .supervise(crossEntropy(), { to: 'assistant', when: 'assistant' })
    .supervise(crossEntropy(), { to: 'student', when: 'student' })
    .edge(kd({ temperature }), { from: 'teacher', to: 'assistant', when: 'assistant', weight })
    .edge(kd({ temperature }), { from: 'assistant', to: 'student', when: 'student', weight })
    .optimize(optimizer);
}
