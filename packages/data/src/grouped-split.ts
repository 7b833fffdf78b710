import { type Key, fold, permutation } from '@codistill/core/host';
import type { Split } from './image-set.ts';
import { type Shares, insistFilled, insistShares } from './stratified-split.ts';

/**
 * Splits examples so that no group is in two splits, and class proportions are kept as well as groups allow: groups come in random
 * order, the large ones first, and each goes where its classes are missing most.
 *
 * @param labels - class of each example
 * @param groups - group of each example: a patient, a slide, a tile
 * @param shares - of validation and test; the rest is for training
 * @param key - same key, same split
 * @throws CodistillError `FRACTIONS`, `SPLIT_EMPTY`
 * @example
 * const splits = groupedSplit(Int32Array.of(0, 0, 1, 1), ['p1', 'p1', 'p2', 'p3'], { validation: 0, test: 0.25 }, [0, 7]);
 */
export const groupedSplit = (labels: Int32Array, groups: readonly string[], shares: Shares, key: Key): readonly Split[] => {
  insistShares(shares);
  const members = new Map<string, number[]>();
  groups.forEach((group, id) => {
    const known = members.get(group);
    if (known === undefined) members.set(group, [id]);
    else known.push(id);
  });
  const names = [...members.keys()].sort();
  const order = Array.from(permutation(fold(key, 'split'), names.length), (at) => names[at] ?? '');
  order.sort((a, b) => (members.get(b)?.length ?? 0) - (members.get(a)?.length ?? 0));

  const wanted: Readonly<Record<Split, number>> = { train: 1 - shares.validation - shares.test, validation: shares.validation, test: shares.test };
  const totals = new Map<number, number>();
  for (const label of labels) totals.set(label, (totals.get(label) ?? 0) + 1);
  // How many examples of a class a split still lacks.
  const missing = new Map<Split, Map<number, number>>(
    (['train', 'validation', 'test'] as const).filter((split) => wanted[split] > 0).map((split) => [split, new Map([...totals].map(([label, total]) => [label, total * wanted[split]]))]),
  );
  const splits = Array.from(labels, (): Split => 'train');
  for (const name of order) {
    const ids = members.get(name) ?? [];
    const lack = (split: Split): number => ids.reduce((sum, id) => sum + (missing.get(split)?.get(labels[id] as number) ?? 0) / wanted[split], 0);
    const [best = 'train'] = [...missing.keys()].sort((a, b) => lack(b) - lack(a));
    for (const id of ids) {
      splits[id] = best;
      const lacking = missing.get(best);
      const label = labels[id] as number;
      lacking?.set(label, (lacking.get(label) ?? 0) - 1);
    }
  }
  insistFilled(splits, shares);
  return splits;
};
