const listed = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

/**
 * Sentences about backends.
 *
 * @example
 * backend.unknown('webcpu', ['wasm', 'cpu']); // "there is no backend 'webcpu': there are 'wasm', 'cpu'"
 */
export const backend = {
  unknown: (name: string, existing: readonly string[]): string => `there is no backend '${name}': there are ${listed(existing)}`,
  failed: (name: string, reason: string): string => `backend '${name}' does not start here (${reason}): choose another with CODISTILL_BACKEND, or leave the choice to codistill`,
  threads: (value: unknown): string => `the number of threads must be a positive integer but is ${String(value)}`,
  paddedOddFilter: (op: string, height: number, width: number): string =>
    `${op} with a number as padding and a ${height}×${width} filter goes out of bounds in tfjs: use 'same', 'valid' or explicit padding per side`,
  dilatedGradient: (op: string): string => `the gradient of a dilated ${op} with strides does not exist in tfjs: use strides of 1 or no dilation`,
  resizeGradient: (op: string): string => `tfjs computes the gradient of ${op} wrongly on the cpu backend: choose another backend, or upsample with tf.layers.upSampling2d`,
} as const;
