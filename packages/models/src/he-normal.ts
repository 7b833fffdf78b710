import { type Key, normal, sizeOf } from '@codistill/core';

/**
 * Initial weights before a rectifier: `N(0, 2 / fan in)`. He et al. 2015, "Delving deep into rectifiers", arXiv:1502.01852.
 *
 * @param key - same key, same weights
 * @param shape - of a kernel, `[..., in, out]`
 * @param fanIn - how many inputs each output sums; default all lengths but the last multiplied. A depthwise kernel's is its area.
 * @example
 * const kernel = heNormal([0, 7], [3, 3, 16, 32]);
 */
export const heNormal = (key: Key, shape: readonly number[], fanIn: number = sizeOf(shape.slice(0, -1))): Float32Array => {
  const deviation = Math.sqrt(2 / fanIn);
  return normal(key, sizeOf(shape)).map((z) => z * deviation);
};
