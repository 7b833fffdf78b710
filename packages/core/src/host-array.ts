/**
 * Numbers on the host with a shape, row-major: what loaders deliver, checkpoints hold and metrics read.
 *
 * @example
 * const row: HostArray = { shape: [1, 3], values: Float32Array.of(0.1, 0.2, 0.7) };
 */
export interface HostArray {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * Number of elements of a shape (1 for a scalar).
 *
 * @example
 * sizeOf([2, 3]); // 6
 */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/**
 * An array of one repeated number.
 *
 * @param shape - its shape
 * @param value - default 0
 * @example
 * filled([2, 2]).values; // Float32Array [0, 0, 0, 0]
 */
export const filled = (shape: readonly number[], value = 0): HostArray => ({ shape, values: new Float32Array(sizeOf(shape)).fill(value) });
