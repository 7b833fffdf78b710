import type { Part, PartOrigin } from './part.ts';
import type { Scheduled } from './schedule.ts';

/**
 * When a copy takes weights over from its original: after every step a little, `θ′ ← φ θ′ + (1 − φ) θ`, or once, at the beginning of
 * training or of a stage.
 *
 * @example
 * const slowly: Follows = { every: 'step', decay: 0.999 };
 */
export type Follows = { readonly every: 'step'; readonly decay: Scheduled } | { readonly once: 'start' } | { readonly once: 'stage'; readonly stage: string };

/**
 * A node with a network like another node's, whose weights follow that one's and are never trained: a mean teacher, a frozen self.
 * It begins with the weights of its original.
 *
 * @example
 * const original = (copy: Copy): string => copy.of[0];
 */
export interface Copy<Of extends string = string> extends Part {
  /** The node it copies, which has a network. */
  readonly of: readonly [Of];
  readonly follows: Follows;
  /**
   * How it is read in a training step. `'inference'`: with moving statistics, which follow like the weights. `'training'`: with the
   * batch's, so that its own moving statistics move, and with dropout.
   */
  readonly mode: 'training' | 'inference';
}

/**
 * Makes a copy.
 *
 * @example
 * const lagging = defineCopy({ name: 'lagging', of: ['small'], follows: { every: 'step', decay: 0.9 }, mode: 'inference' });
 */
export const defineCopy = <const Of extends string>(copy: PartOrigin & Omit<Copy<Of>, keyof Part>): Copy<Of> =>
  Object.freeze({ package: 'local', options: {}, ...copy });
