import type * as tf from '@tensorflow/tfjs';
import type { HostArray } from './host-array.ts';
import type { Named } from './json.ts';
import type { Part, PartOrigin } from './part.ts';
import type { Scheduled } from './schedule.ts';

/**
 * What one update sees. The engine owns every tensor in it.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const rate = (update: Update): tf.Scalar => update.scalar('lr');
 */
export interface Update {
  /** By parameter name. A parameter that got no gradient is absent. */
  readonly gradients: Named<tf.Tensor>;
  /** By slot name. */
  readonly slots: Named<tf.Tensor>;
  /** By parameter name; those of `gradients`. */
  readonly parameters: Named<tf.Tensor>;
  /** The present value of a number the optimizer declared under `scalars`. */
  scalar(name: string): tf.Scalar;
}

/**
 * What one update returns: new values for parameters and slots. The caller disposes them; names left out stay as they are.
 *
 * @example
 * const nothing: Updated = { parameters: {}, slots: {} };
 */
export interface Updated {
  readonly parameters: Named<tf.Tensor>;
  readonly slots: Named<tf.Tensor>;
}

/**
 * A pair of pure functions over named parameters. The engine keeps one set of slots per node.
 *
 * @example
 * const slotsOf = (optimizer: Optimizer): readonly string[] => Object.keys(optimizer.init({ w: [2] }));
 */
export interface Optimizer extends Part {
  /** Numbers that may change over training, by name. */
  readonly scalars: Named<Scheduled>;
  /**
   * Initial slots.
   *
   * @param parameters - shapes by parameter name
   * @returns arrays by slot name; by convention `<slot>/<parameter>`
   */
  init(parameters: Named<readonly number[]>): Named<HostArray>;
  /** Pure: reads no value, makes no variable, draws nothing. */
  update(update: Update): Updated;
}

/**
 * Makes an optimizer of an init and an update function.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const plain = defineOptimizer({
 *   name: 'plain',
 *   scalars: { lr: 0.1 },
 *   init: () => ({}),
 *   update: ({ gradients, parameters, scalar }) => ({
 *     parameters: Object.fromEntries(
 *       Object.entries(gradients).map(([name, g]) => [name, tf.sub(parameters[name] ?? g, g.mul(scalar('lr')))]),
 *     ),
 *     slots: {},
 *   }),
 * });
 */
export const defineOptimizer = (
  optimizer: PartOrigin & {
    readonly scalars: Named<Scheduled>;
    readonly init: (parameters: Named<readonly number[]>) => Named<HostArray>;
    readonly update: (update: Update) => Updated;
  },
): Optimizer => Object.freeze({ package: 'local', options: {}, ...optimizer });
