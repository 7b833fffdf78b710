import { CodistillError, say } from '@codistill/core/host';

/**
 * Names for classes that have none: `'0'`, `'1'`, … up to the largest label, at least two.
 *
 * @example
 * numberedClasses([0, 2, 1]); // ['0', '1', '2']
 */
export const numberedClasses = (labels: ArrayLike<number>): readonly string[] => {
  let largest = 1;
  // Labels that make no sense are named later: they must not size an array.
  for (const label of Array.from(labels)) if (Number.isInteger(label) && label < 1e5) largest = Math.max(largest, label);
  return Array.from({ length: largest + 1 }, (_, label) => String(label));
};

/**
 * Refuses labels that are not classes.
 *
 * @param path - where they come from, for the sentence
 * @throws CodistillError `LABEL_RANGE`, naming the first row
 * @example
 * insistLabels('labels.csv', [0, 1, 1], 2);
 */
export const insistLabels = (path: string, labels: ArrayLike<number>, classes: number): void => {
  const row = Array.from(labels).findIndex((label) => !Number.isInteger(label) || label < 0 || label >= classes);
  if (row >= 0) throw new CodistillError('LABEL_RANGE', say.loading.labelRange(path, row, labels[row] ?? NaN, classes));
};
