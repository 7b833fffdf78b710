import { type Key, sizeOf, uniform } from '@codistill/core';

/**
 * Initial weights of a linear layer: uniform in `±√(6 / (fan in + fan out))`. Glorot & Bengio 2010, "Understanding the difficulty
 * of training deep feedforward neural networks".
 *
 * @param key - same key, same weights
 * @param shape - of a kernel, `[..., in, out]`
 * @example
 * const kernel = glorotUniform([0, 7], [64, 10]);
 */
export const glorotUniform = (key: Key, shape: readonly number[]): Float32Array => {
  const area = sizeOf(shape.slice(0, -2));
  const limit = Math.sqrt(6 / (area * ((shape.at(-2) ?? 1) + (shape.at(-1) ?? 1))));
  return uniform(key, sizeOf(shape)).map((u) => (2 * u - 1) * limit);
};
