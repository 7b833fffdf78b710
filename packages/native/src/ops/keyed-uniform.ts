import { KEYED_UNIFORM, type Kernel } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { INT, execute } from './execute.ts';

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

const int = (value: number): tf.Tensor => tf.scalar(value | 0, 'int32');
const bitwise = (op: 'BitwiseXor' | 'BitwiseOr' | 'BitwiseAnd' | 'LeftShift' | 'RightShift', a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
  execute(op, { T: ['TYPE', INT] }, [a, b])[0] as tf.Tensor;
/** Without the sign, which TensorFlow's shift of signed integers drags along. */
const shiftedRight = (x: tf.Tensor, by: number): tf.Tensor => bitwise('BitwiseAnd', bitwise('RightShift', x, int(by)), int(2 ** (32 - by) - 1));
const rotated = (x: tf.Tensor, by: number): tf.Tensor => bitwise('BitwiseOr', bitwise('LeftShift', x, int(by)), shiftedRight(x, 32 - by));

/** `threefry` of core, for many counters at once: words are int32, whose sums wrap as those of unsigned words do. */
const threefry = (k0: tf.Tensor, k1: tf.Tensor, c0: tf.Tensor, c1: tf.Tensor): [tf.Tensor, tf.Tensor] => {
  const k2 = bitwise('BitwiseXor', bitwise('BitwiseXor', k0, k1), int(0x1bd11bda));
  const schedule = [k0, k1, k2] as const;
  let [x0, x1] = [tf.add(c0, k0), tf.add(c1, k1)];
  for (let group = 0; group < 5; group++) {
    for (const rotation of ROTATIONS[(group % 2) as 0 | 1]) {
      x0 = tf.add(x0, x1);
      x1 = bitwise('BitwiseXor', rotated(x1, rotation), x0);
    }
    x0 = tf.add(x0, schedule[((group + 1) % 3) as 0 | 1 | 2]);
    x1 = tf.add(x1, tf.add(schedule[((group + 2) % 3) as 0 | 1 | 2], int(group + 1)));
  }
  return [x0, x1];
};

/**
 * `keyedUniform` of core, to the bit, of TensorFlow's operations on integers: the key is never read, so that a recorded step draws
 * anew from each key it is fed.
 *
 * @example
 * console.log(keyedUniform.name); // 'CodistillKeyedUniform'
 */
export const keyedUniform: Kernel = {
  name: KEYED_UNIFORM,
  compute: ({ key }, { shape, stream }: { readonly shape: readonly number[]; readonly stream: number }) => {
    const size = tf.util.sizeFromShape([...shape]);
    const words = key as tf.Tensor1D;
    const counters = tf.range(0, Math.ceil(size / 2), 1, 'int32');
    const [even, odd] = threefry(tf.slice(words, 0, 1), tf.slice(words, 1, 1), int(stream), counters);
    const drawn = tf.slice(tf.reshape(tf.stack([even, odd], 1), [-1]), 0, size);
    return tf.reshape(tf.mul(tf.cast(shiftedRight(drawn, 8), 'float32'), 2 ** -24), [...shape]);
  },
};
