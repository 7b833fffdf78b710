import { CodistillError, type Key, say } from '@codistill/core/host';
import { groupedSplit } from './grouped-split.ts';
import type { ImageSet, Split } from './image-set.ts';
import { type Shares, stratifiedSplit } from './stratified-split.ts';

/** Our choice, where neither the source nor the user says. */
const DEFAULT: Shares = { validation: 0.1, test: 0.2 };

/**
 * The shares that are drawn from a set: what the user says, else 0.1 and 0.2 where its source has no splits, else none.
 *
 * @throws CodistillError `SPLIT_TWICE` where the source has the split that a share is asked for
 * @example
 * declare const set: ImageSet;
 * const { validation, test } = sharesOf(set, { validation: 0.2 });
 */
export const sharesOf = ({ splits }: ImageSet, given: Partial<Shares>): Shares => {
  if (splits === undefined) return { ...DEFAULT, ...given };
  for (const split of ['validation', 'test'] as const) {
    const share = given[split] ?? 0;
    if (share > 0 && splits.includes(split)) throw new CodistillError('SPLIT_TWICE', say.loading.splitTwice(split, share));
  }
  return { validation: given.validation ?? 0, test: given.test ?? 0 };
};

/**
 * The split of each example: the source's own, and what is drawn from the training split beside it; by group where there are groups,
 * else stratified by class.
 *
 * @param shares - of the examples that the source leaves for training; all of them where it has no splits
 * @param key - same key, same split
 * @throws CodistillError `FRACTIONS`, `SPLIT_EMPTY`
 * @example
 * declare const set: ImageSet;
 * const splits = splitsOf(set, { validation: 0.1, test: 0.2 }, [0, 7]);
 */
export const splitsOf = ({ labels, groups, splits }: ImageSet, shares: Shares, key: Key): readonly Split[] => {
  if (splits !== undefined && shares.validation === 0 && shares.test === 0) return splits;
  const ids = Array.from(labels.keys()).filter((id) => splits === undefined || splits[id] === 'train');
  const own = Int32Array.from(ids, (id) => labels[id] as number);
  const drawn =
    groups === undefined
      ? stratifiedSplit(own, shares, key)
      : groupedSplit(
          own,
          ids.map((id) => groups[id] ?? ''),
          shares,
          key,
        );
  const all = splits === undefined ? Array<Split>(labels.length).fill('train') : [...splits];
  ids.forEach((id, at) => {
    all[id] = drawn[at] ?? 'train';
  });
  return all;
};
