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

  it('gives the whole its shares, where classes are too small for theirs', () => {
    // Rounded class by class it would be 100 of 140, and none at all.
    const sevens = Int32Array.from({ length: 700 }, (_, id) => id % 100);
    const of = (each: Int32Array, validation: number, test: number): readonly number[] => {
      const splits = stratifiedSplit(each, { validation, test }, [0, 1]);
      return (['train', 'validation', 'test'] as const).map((split) => count(splits, split));
    };
    expect(of(sevens, 0, 0.2)).toEqual([560, 0, 140]);
    expect(of(sevens, 0.05, 0)).toEqual([665, 35, 0]);
    expect(of(sevens, 0.05, 0.05)).toEqual([630, 35, 35]);
    expect(of(Int32Array.from({ length: 70_000 }, (_, id) => id % 10), 1 / 14, 1 / 7)).toEqual([55_000, 5_000, 10_000]);
  });

  it('gives each class its quota, rounded down or up', () => {
    const sizes = [1, 2, 3, 5, 8, 13, 40, 97];
    const uneven = Int32Array.from(sizes.flatMap((size, label) => Array<number>(size).fill(label)));
    const [validation, test] = [0.15, 0.25];
    const splits = stratifiedSplit(uneven, { validation, test }, [0, 3]);
    expect([count(splits, 'validation'), count(splits, 'train')]).toEqual([Math.round(169 * 0.15), 169 - Math.round(169 * 0.4)]);
    sizes.forEach((size, label) => {
      const of = (split: Split): number => count(splits, split, (id) => uneven[id] === label);
      expect(Math.abs(of('validation') - size * validation)).toBeLessThan(1);
      if (size > 1) expect(Math.abs(of('test') - size * test)).toBeLessThan(1);
      expect(Math.abs(of('validation') + of('test') - size * (validation + test))).toBeLessThan(1);
    });
  });

  it('leaves every class something to train on', () => {
    // Ten classes of two: half of a half each, and one of every class stays.
    const pairs = Int32Array.from({ length: 20 }, (_, id) => id % 10);
    const splits = stratifiedSplit(pairs, { validation: 0.25, test: 0.25 }, [0, 1]);
    for (let label = 0; label < 10; label++) expect(count(splits, 'train', (id) => pairs[id] === label)).toBe(1);
    expect([count(splits, 'validation'), count(splits, 'test')]).toEqual([5, 5]);
    // The one example of the second class is for training, whatever the shares.
    const lone = stratifiedSplit(Int32Array.of(0, 0, 0, 0, 0, 0, 1), { validation: 0, test: 0.8 }, [0, 1]);
    expect([lone[6], count(lone, 'test')]).toEqual(['train', 5]);
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
