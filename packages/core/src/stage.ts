/**
 * A stretch of training: which edges hold (those that name it in `when`, and those that name none), which nodes rest, and what
 * happens before its first step, in the order of the fields.
 *
 * @example
 * const warmUp: Stage<'alone', 'teacher'> = { name: 'alone', epochs: 5, freeze: ['teacher'] };
 * const next: Stage<'again', 'teacher' | 'student'> = { name: 'again', epochs: 5, promote: { student: 'teacher' }, reinit: ['student'] };
 */
export interface Stage<Name extends string = string, Nodes extends string = string> {
  readonly name: Name;
  /** Length in epochs, a positive integer. */
  readonly epochs: number;
  /** Nodes whose parameters are not updated meanwhile; default none. */
  readonly freeze?: readonly Nodes[];
  /** Whose weights a node takes over, `{ from: 'to' }`: `{ student: 'teacher' }` makes the student the teacher. The networks must be alike. */
  readonly promote?: { readonly [From in Nodes]?: Nodes };
  /** Nodes that begin anew, with fresh weights and optimizer slots. */
  readonly reinit?: readonly Nodes[];
}
