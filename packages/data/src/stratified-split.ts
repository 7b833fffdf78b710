import { CodistillError, type Key, fold, permutation, say } from '@codistill/core/host';
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

/** What one class should get of something, and the whole numbers between which it may. */
interface Claim {
  readonly quota: number;
  readonly least: number;
  readonly most: number;
}

// 7,000 · (1 / 14) must be 500.
const floor = (quota: number): number => Math.floor(quota + 1e-9);
const ceil = (quota: number): number => Math.ceil(quota - 1e-9);

/**
 * Shares whole things out: everyone gets the whole part of his quota, and the rest goes, one each, to the largest remainders (the
 * method of Hamilton).
 *
 * @param claims - the sum of their quotas is rounded
 * @param order - who comes first among equal remainders
 */
const largestRemainders = (claims: readonly Claim[], order: ArrayLike<number>): readonly number[] => {
  const parts = claims.map(({ quota, least }) => Math.max(least, floor(quota)));
  const gaps = claims.map(({ quota, most }, at) => ({ at, remainder: quota - (parts[at] ?? 0), open: (parts[at] ?? 0) < most }));
  const next = Array.from(order).flatMap((at) => gaps[at] ?? []).filter(({ open }) => open).sort((a, b) => b.remainder - a.remainder);
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
  const left = Math.round(sum(claims.map(({ quota }) => quota))) - sum(parts);
  for (const { at } of next.slice(0, Math.max(0, left))) parts[at] = (parts[at] ?? 0) + 1;
  return parts;
};

/**
 * Splits examples so that each split has its share of the whole, and of each class to within one example, by the method of largest
 * remainders. The last example of a class stays for training.
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
  const members = new Map<number, number[]>();
  labels.forEach((label, id) => {
    const known = members.get(label);
    if (known === undefined) members.set(label, [id]);
    else known.push(id);
  });
  const classes = [...members].map(([label, ids]) => ({ label, ids })).sort((a, b) => a.label - b.label);
  const order = permutation(fold(key, 'split', 'remainders'), classes.length);
  const held = largestRemainders(
    classes.map(({ ids }) => ({ quota: ids.length * (shares.validation + shares.test), least: 0, most: ids.length - 1 })),
    order,
  );
  // Among those held out, so that neither the one nor the other is off by more than one.
  const validated = largestRemainders(
    classes.map(({ ids }, at) => ({ quota: ids.length * shares.validation, least: (held[at] ?? 0) - ceil(ids.length * shares.test), most: held[at] ?? 0 })),
    order,
  );

  const splits = Array.from(labels, (): Split => 'train');
  classes.forEach(({ label, ids }, at) => {
    permutation(fold(key, 'split', label), ids.length)
      .slice(0, held[at])
      .forEach((index, rank) => {
        splits[ids[index] as number] = rank < (validated[at] ?? 0) ? 'validation' : 'test';
      });
  });
  insistFilled(splits, shares);
  return splits;
};
