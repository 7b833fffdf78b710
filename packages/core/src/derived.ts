import type { Part } from './part.ts';
import type { Emitted, Readings, Signal } from './signal.ts';
import type { TermContext } from './term.ts';

/**
 * A node made of other nodes, computed from their readings in the same step: edges start at it like at any other.
 *
 * @example
 * const sources = (derived: Derived): readonly string[] => derived.of;
 */
export interface Derived<Of extends string = string, Emits extends Signal = Signal> extends Part {
  /** Names of the nodes it is made of. */
  readonly of: readonly Of[];
  readonly emits: readonly Emits[];
  /** Pure; `members` are in the order of `of`; the caller disposes the result. */
  read(members: readonly Readings<Emits>[], context: Pick<TermContext, 'logSoftmax'>): Emitted<Emits>;
}
