import type * as tf from '@tensorflow/tfjs';
import type { Part, PartOrigin } from './part.ts';
import type { Emitted, Readings, Signal } from './signal.ts';
import type { TermContext } from './term.ts';

/**
 * Combines what several nodes emit into one, at evaluation, as a distillation source, and in the exported predictor.
 *
 * @example
 * const reads = (ensembler: Ensembler): readonly Signal[] => ensembler.needs;
 */
export interface Ensembler<Needs extends Signal = Signal> extends Part {
  readonly needs: readonly Needs[];
  /**
   * The combined readings, of the members' form: combined `logits` are logits again (log-probabilities will do).
   * Pure; the caller disposes the result.
   *
   * @param members - one set of readings per node, in the order of `of`
   */
  combine(members: readonly Readings<Needs>[], context: Pick<TermContext, 'logSoftmax'>): Emitted<Needs>;
  /**
   * The same as stock layers, from the members' logits to probabilities, so that the exported ensemble is an ordinary
   * `tf.LayersModel`. Absent where stock layers cannot say it.
   */
  readonly layers?: (logits: readonly tf.SymbolicTensor[]) => tf.SymbolicTensor;
}

/**
 * Makes an ensembler of a combining function.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const firstOnly = defineEnsembler({
 *   name: 'firstOnly',
 *   needs: ['logits'],
 *   combine: ([first]) => ({ logits: first ? first.logits.clone() : tf.zeros([0, 0]) }),
 * });
 */
export const defineEnsembler = <const Needs extends Signal>(
  ensembler: PartOrigin & Omit<Ensembler<Needs>, keyof Part>,
): Ensembler<Needs> => Object.freeze({ package: 'local', options: {}, ...ensembler });
