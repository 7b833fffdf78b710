import { CodistillError, filled, type HostArray, type Named, say } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';

/**
 * One array of zeros per parameter.
 *
 * @example
 * zeros({ kernel: [2, 3] }); // { kernel: six zeros }
 */
export const zeros = (parameters: Named<readonly number[]>): Record<string, HostArray> =>
  Object.fromEntries(Object.entries(parameters).map(([parameter, shape]) => [parameter, filled(shape)]));

/**
 * Puts a record below a name: `kernel` becomes `v/kernel`.
 *
 * @example
 * below('v', { kernel: 1, bias: 2 }); // { 'v/kernel': 1, 'v/bias': 2 }
 */
export const below = <T>(name: string, record: Named<T>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([inner, value]) => [`${name}/${inner}`, value]));

/**
 * What stands below a name: the opposite of {@link below}.
 *
 * @example
 * under('v', { 'v/kernel': 1, 'v/bias': 2, n: 3 }); // { kernel: 1, bias: 2 }
 */
export const under = <T>(name: string, record: Named<T>): Record<string, T> => {
  const inner: Record<string, T> = {};
  for (const [key, value] of Object.entries(record)) if (key.startsWith(`${name}/`)) inner[key.slice(name.length + 1)] = value;
  return inner;
};

/**
 * A slot that `init` made and that belongs to no parameter.
 *
 * @throws CodistillError `TENSOR_MISSING` where the slots are not those that `init` made
 * @example
 * declare const update: Update;
 * const n = slotOf(update.slots, 'n');
 */
export const slotOf = (slots: Named<tf.Tensor>, name: string): tf.Tensor => {
  const slot = slots[name];
  if (slot === undefined) throw new CodistillError('TENSOR_MISSING', say.optimizers.tensorMissing(name));
  return slot;
};
