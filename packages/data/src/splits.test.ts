import { groupedSplit } from './grouped-split.ts';
import type { Split } from './image-set.ts';
import { stratifiedSplit } from './stratified-split.ts';

const count = (splits: readonly Split[], split: Split, which: (id: number) => boolean = () => true): number => splits.filter((each, id) => each === split && which(id)).length;

describe('a stratified split', () => {
  const labels = Int32Array.from({ length: 1000 }, (_, id) => (id < 900 ? 0 : 1));

  it('gives each class its share of every split', () => {
    const splits = stratifiedSplit(labels, { validation: 0.1, test: 0.2 }, [0, 1]);
    for (const [label, size] of [[0, 900], [1, 100]] as const) {
      expect(count(splits, 'validation', (id) => labels[id] === label)).toBe(size * 0.1);
      expect(count(splits, 'test', (id) => labels[id] === label)).toBe(size * 0.2);
    }
  });

  it('depends on the key alone', () => {
    const by = (seed: number): readonly Split[] => stratifiedSplit(labels, { validation: 0.1, test: 0.2 }, [0, seed]);
    expect(by(1)).toEqual(by(1));
    expect(by(1)).not.toEqual(by(2));
  });

  it('refuses shares that leave nothing, and splits that stay empty', () => {
    expect(() => stratifiedSplit(labels, { validation: 0.5, test: 0.5 }, [0, 1])).toThrow(
      'the validation share 0.5 and the test share 0.5 must be at least 0 and leave something to train on',
    );
    expect(() => stratifiedSplit(Int32Array.of(0, 1), { validation: 0.1, test: 0 }, [0, 1])).toThrow(
      'the validation split of share 0.1 would be empty: there are too few examples, or groups',
    );
  });
});

describe('a grouped split', () => {
  const groups = Array.from({ length: 1000 }, (_, id) => `patient ${Math.floor(Math.sqrt(id * 9))}`);
  const labels = Int32Array.from({ length: 1000 }, (_, id) => Math.floor(Math.sqrt(id * 9)) % 3);

  it('never parts a group, and keeps classes about as they are', () => {
    const splits = groupedSplit(labels, groups, { validation: 0.15, test: 0.25 }, [0, 1]);
    const homes = new Map<string, Set<Split>>();
    splits.forEach((split, id) => homes.set(groups[id] ?? '', (homes.get(groups[id] ?? '') ?? new Set()).add(split)));
    expect([...homes.values()].every((home) => home.size === 1)).toBe(true);
    for (const label of [0, 1, 2]) {
      const size = labels.filter((each) => each === label).length;
      expect(Math.abs(count(splits, 'test', (id) => labels[id] === label) / size - 0.25)).toBeLessThan(0.05);
      expect(Math.abs(count(splits, 'validation', (id) => labels[id] === label) / size - 0.15)).toBeLessThan(0.05);
    }
  });
});
