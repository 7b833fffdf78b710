import { CodistillError, type HostArray, type Named, say } from '@codistill/core';

/**
 * The rows of a `[batch, classes]` array, as views of its memory.
 *
 * @param arrays - labels or readings
 * @param name - which of them
 * @throws CodistillError `NOT_GIVEN`: an engine's mistake, not a user's
 */
export const rowsOf = (arrays: Named<HostArray>, name: string): readonly Float32Array[] => {
  const array = arrays[name];
  if (array === undefined) throw new CodistillError('NOT_GIVEN', say.metrics.notGiven(name, Object.keys(arrays)));
  const classes = array.shape.at(-1) ?? 1;
  return Array.from({ length: array.values.length / classes }, (_, row) => array.values.subarray(row * classes, (row + 1) * classes));
};
