/**
 * A stretch of training: which edges hold (those that name it in `when`, and those that name none) and which nodes rest.
 *
 * @example
 * const warmUp: Stage<'alone', 'teacher'> = { name: 'alone', epochs: 5, freeze: ['teacher'] };
 */
export interface Stage<Name extends string = string, Nodes extends string = string> {
  readonly name: Name;
  /** Length in epochs, a positive integer. */
  readonly epochs: number;
  /** Nodes whose parameters are not updated meanwhile; default none. */
  readonly freeze?: readonly Nodes[];
}
