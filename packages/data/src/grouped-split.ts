import { type Key, fold, permutation } from '@codistill/core';
import type { Split } from './image-set.ts';

export const groupedSplit = (labels: Int32Array, groups: readonly string[], { validation, test }: { readonly validation: number; readonly test: number }, key: Key): readonly Split[] => {
  void groups;
  const splits: Split[] = Array.from(labels, () => 'train');
  for (const label of [...new Set(labels)].sort((a, b) => a - b)) {
    const ids = [...labels.keys()].filter((id) => labels[id] === label);
    const order = permutation(fold(key, 'split', label), ids.length);
    const held = Math.round(ids.length * validation);
    const tested = Math.round(ids.length * test);
    order.forEach((at, rank) => {
      const id = ids[at];
      if (id !== undefined && rank < held + tested) splits[id] = rank < held ? 'validation' : 'test';
    });
  }
  return splits;
};
