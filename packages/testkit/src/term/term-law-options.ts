import type { Named, Signal, Term } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';

/**
 * Shapes of one example, by signal.
 *
 * @example
 * const shapes: ExampleShapes = { 'tap:pooled': [64] };
 */
export type ExampleShapes = Readonly<Partial<Record<Signal, readonly number[]>>>;

/**
 * Laws that hold for some terms only, and are checked where the author says so: the value is zero where both ends agree; it is
 * never negative; it does not change when a constant is added to all logits of an example.
 *
 * @example
 * const ofKd: readonly DeclaredTermLaw[] = ['zeroWhenEqual', 'nonNegative', 'shiftInvariant'];
 */
export type DeclaredTermLaw = 'zeroWhenEqual' | 'nonNegative' | 'shiftInvariant';

/**
 * What the laws should know about a term; all of it has defaults.
 *
 * @example
 * const options: TermLawOptions = { shapes: { 'tap:pooled': [64] }, laws: ['zeroWhenEqual', 'nonNegative'] };
 */
export interface TermLawOptions<T extends Term = Term> {
  /**
   * Shapes of one example at both ends, by signal. Defaults: logits `[classes]` (`[4, 4, classes]` for masks), taps `[4, 4, 6]`,
   * boxes `[3, 4]`, density `[4, 4, 1]`. The last length of logits is always the class count, which laws vary.
   */
  readonly shapes?: ExampleShapes;
  /** Shapes at the source; default those of `shapes`. */
  readonly sourceShapes?: ExampleShapes;
  /** The class count the term is fixed to. Default: 5, and where it reads logits also 2 and 100. */
  readonly classes?: number;
  /** Examples in a batch; default 4. */
  readonly batch?: number;
  /** Seed of the inputs; default 1. */
  readonly seed?: number;
  /**
   * Whether an example's value depends on which others are in its batch, as in contrastive losses: repeating the batch may then
   * change the mean, and is not tried. Default false.
   */
  readonly examplesInteract?: boolean;
  /** Laws the term obeys beyond those that every term does; default none. */
  readonly laws?: readonly DeclaredTermLaw[];
  /** The gradient of the mean of the term's values, by signal of the node that learns. Runs inside `tf.tidy`. */
  readonly closedFormGradient?: (...read: Parameters<T['compute']>) => Named<tf.Tensor>;
}
