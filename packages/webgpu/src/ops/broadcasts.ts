import type { Kernel } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/** Most axes that shaders can index by a number. */
const AXES = 4;

const NAMES = [
  'Add', 'Sub', 'Multiply', 'RealDiv', 'FloorDiv', 'Mod', 'Pow', 'Maximum', 'Minimum', 'SquaredDifference', 'Atan2',
  'Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual', 'LogicalAnd', 'LogicalOr',
] as const;

const broadcast = (name: string, left: string, right: string): Kernel => ({
  name,
  compute: (inputs, attributes: object, stock) => {
    const [a, b] = [inputs[left] as tf.Tensor, inputs[right] as tf.Tensor];
    const rank = Math.max(a.rank, b.rank);
    const raised = (x: tf.Tensor): tf.Tensor => (x.rank === 1 ? tf.reshape(x, [...Array<number>(rank - 1).fill(1), x.size]) : x);
    return stock(rank > AXES ? { [left]: raised(a), [right]: raised(b) } : inputs, attributes);
  },
});

/**
 * Operations of a vector and a tensor of more than four axes: the stock shaders for them do not compile, and their results are
 * zeros.
 *
 * @example
 * console.log(broadcasts.map(({ name }) => name));
 */
export const broadcasts: readonly Kernel[] = [...NAMES.map((name) => broadcast(name, 'a', 'b')), broadcast('Prelu', 'x', 'alpha')];
