import { CodistillError, type Key, fold, permutation, say } from '@codistill/core';
import type { Split } from './image-set.ts';

/**
 * Shares of the examples that are held out.
 *
 * @example
 * const shares: Shares = { validation: 0.1, test: 0.2 };
 */
export interface Shares {
  readonly validation: number;
  readonly test: number;
}

/**
 * Refuses shares that leave nothing to train on.
 *
 * @throws CodistillError `FRACTIONS`
 * @example
 * insistShares({ validation: 0.1, test: 0.2 });
 */
export const insistShares = ({ validation, test }: Shares): void => {
  if (!(validation >= 0 && test >= 0 && validation + test < 1)) throw new CodistillError('FRACTIONS', say.loading.fractions(validation, test));
};

/**
 * Refuses a split that nothing fell into though it was given a share.
 *
 * @throws CodistillError `SPLIT_EMPTY`
 * @example
 * insistFilled(['train', 'test'], { validation: 0, test: 0.5 });
 */
export const insistFilled = (splits: readonly Split[], { validation, test }: Shares): void => {
  const shares = { train: 1 - validation - test, validation, test };
  for (const [split, share] of Object.entries(shares)) {
    if (share > 0 && !splits.includes(split as Split)) throw new CodistillError('SPLIT_EMPTY', say.loading.splitEmpty(split, share));
  }
};

/**
 * Splits examples so that each class has the same shares in every split, to within one example.
 *
 * @param labels - class of each example
 * @param shares - of validation and test; the rest is for training
 * @param key - same key, same split
 * @throws CodistillError `FRACTIONS`, `SPLIT_EMPTY`
 * @example
 * const splits = stratifiedSplit(Int32Array.of(0, 1, 0, 1), { validation: 0, test: 0.5 }, [0, 7]);
 */
export const stratifiedSplit = (labels: Int32Array, shares: Shares, key: Key): readonly Split[] => {
  insistShares(shares);
  const splits = Array.from(labels, (): Split => 'train');
  for (const label of new Set(labels)) {
    const ids = [...labels.keys()].filter((id) => labels[id] === label);
    const held = Math.round(ids.length * shares.validation);
    const tested = Math.min(ids.length - held, Math.round(ids.length * shares.test));
    permutation(fold(key, 'split', label), ids.length).forEach((at, rank) => {
      if (rank < held + tested) splits[ids[at] as number] = rank < held ? 'validation' : 'test';
    });
  }
  insistFilled(splits, shares);
  return splits;
};
