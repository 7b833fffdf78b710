import type { HostArray, Named, Part, PartOrigin, Scheduled, Update } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';

/**
 * What one transform returns. Names left out stay as they are. The tensors belong to the chain that called it.
 *
 * @example
 * const nothing: Transformed = { gradients: {}, slots: {} };
 */
export interface Transformed {
  /** By parameter name: what the next part of the chain takes for gradients. */
  readonly gradients: Named<tf.Tensor>;
  /** By slot name: the slots' new values. */
  readonly slots: Named<tf.Tensor>;
}

/**
 * A part of an optimizer: a pair of pure functions that makes of gradients other "gradients", such as their running mean.
 * {@link chain} strings transforms together and ends with an optimizer, which applies what comes out.
 *
 * @example
 * const slotsOf = (transform: Transform): readonly string[] => Object.keys(transform.init({ w: [2] }));
 */
export interface Transform extends Part {
  /** Numbers that may change over training, by name. */
  readonly scalars: Named<Scheduled>;
  /**
   * Initial slots.
   *
   * @param parameters - shapes by parameter name
   * @returns arrays by slot name; by convention `<slot>/<parameter>`
   */
  init(parameters: Named<readonly number[]>): Named<HostArray>;
  /**
   * Pure: reads no value, makes no variable, draws nothing. Called inside `tf.tidy`: intermediate tensors need no disposal.
   *
   * @param update - `gradients` as the parts before it left them
   */
  transform(update: Update): Transformed;
}

/**
 * Makes a transform of an init and a transform function.
 *
 * @param transform - `name`, `transform`, and where they are not the defaults `scalars` (none) and `init` (no slots)
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * // signSGD, Bernstein et al. 2018
 * const sign = defineTransform({
 *   name: 'sign',
 *   transform: ({ gradients }) => ({ gradients: perParameter(gradients, {}, (g) => tf.sign(g)), slots: {} }),
 * });
 * const signSgd = chain(sign, descend({ lr: 0.001 }));
 */
export const defineTransform = (
  transform: PartOrigin & {
    readonly scalars?: Named<Scheduled>;
    readonly init?: (parameters: Named<readonly number[]>) => Named<HostArray>;
    readonly transform: (update: Update) => Transformed;
  },
): Transform => Object.freeze({ package: 'local', options: {}, scalars: {}, init: () => ({}), ...transform });
