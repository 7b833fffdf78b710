import { type EdgeSpec, printPart } from '@codistill/core';

/**
 * How an edge is called in a sentence: `teacher -kd(temperature=4)-> small`.
 *
 * @example
 * declare const edge: EdgeSpec;
 * const name = edgeName(edge);
 */
export const edgeName = ({ from, term, to }: EdgeSpec): string => `${from} -${printPart(term)}-> ${to}`;

/**
 * A term threw while an edge was computed. The trainer turns it into a sentence that says at which step.
 *
 * @example
 * const isTerm = (error: unknown): boolean => error instanceof EdgeFailure;
 */
export class EdgeFailure extends Error {
  /** The edge as it is called in sentences. */
  readonly edge: string;
  /** What the term said. */
  readonly reason: string;

  /**
   * @param edge - the edge that was computed
   * @param cause - what its term threw
   */
  constructor(edge: EdgeSpec, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`${edgeName(edge)}: ${reason}`, { cause });
    this.edge = edgeName(edge);
    this.reason = reason;
  }
}
