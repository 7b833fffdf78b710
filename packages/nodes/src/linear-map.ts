import { filled, type HostArray, type Key, normal } from '@codistill/core';

/**
 * First weights of a linear map, `N(0, 1/from)`, our choice: it keeps the size of what it is given.
 *
 * @param key - same key, same weights
 * @example
 * firstWeights([0, 1], 16, 10).shape; // [16, 10]
 */
export const firstWeights = (key: Key, from: number, to: number): HostArray => ({
  shape: [from, to],
  values: normal(key, from * to).map((z) => z / Math.sqrt(from)),
});

/**
 * First biases: 0.
 *
 * @example
 * firstBiases(10).shape; // [10]
 */
export const firstBiases = (to: number): HostArray => filled([to]);
