/** The four target rules of KDCL. */
import { CodistillError, type Derived } from '@codistill/core';
import { type DerivedBench, derivedBench, testDerived, testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { generalMin } from './general-min.ts';
import { linearMin } from './linear-min.ts';
import { minLogit } from './min-logit.ts';
import { naive } from './naive.ts';

testOn('cpu');

const three = ['a', 'b', 'c'] as const;
// What weights are made of is detached: finite differences would see them move.
testDerived(minLogit({ of: three }));
testDerived(naive({ of: three }), { batch: 12 });
testDerived(linearMin({ of: three }), { smooth: false });
testDerived(generalMin({ of: three }), { smooth: false });

type Table = readonly (readonly number[])[];
const rows = (tensor: tf.Tensor | undefined): number[][] => (tensor as tf.Tensor2D).arraySync();
const softmax = (z: readonly number[]): number[] => {
  const odds = z.map((x) => Math.exp(x - Math.max(...z)));
  const sum = odds.reduce((total, x) => total + x, 0);
  return odds.map((x) => x / sum);
};
/** The label of example b is b mod 3. */
const entropy = (z: readonly number[], b: number): number => -Math.log(softmax(z)[b % 3] ?? NaN);
const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

const on = (derived: Derived, body: (logits: Table[], bench: DerivedBench) => void, seed = 1, batch = 5): void => {
  const bench = derivedBench(derived, { seed, batch });
  tf.tidy(() => body(derived.of.map((name) => rows(bench.members[name]?.['logits'])), bench));
  bench.dispose();
};

const near = (found: Table, expected: Table, digits = 5): void => {
  expect(found.map((row) => row.length)).toEqual(expected.map((row) => row.length));
  found.forEach((row, b) => row.forEach((x, c) => expect(x).toBeCloseTo(expected[b]?.[c] ?? NaN, digits)));
};

describe('minLogit', () => {
  it('is the least of every class once labels are at 0', () => {
    on(minLogit({ of: three }), (logits, bench) => {
      const expected = [0, 1, 2, 3, 4].map((b) => [0, 1, 2].map((c) => Math.min(...logits.map((z) => (z[b]?.[c] ?? NaN) - (z[b]?.[b % 3] ?? NaN)))));
      near(rows(bench.read().logits), expected);
    });
  });

  it('with two classes is the member that is surest of the label', () => {
    const bench = derivedBench(minLogit({ of: three }), { classes: 2 });
    tf.tidy(() => {
      const logits = three.map((name) => rows(bench.members[name]?.['logits']));
      rows(bench.read().logits).forEach((z, b) => {
        const surest = Math.max(...logits.map((each) => softmax(each[b] ?? [])[b % 2] ?? NaN));
        expect(softmax(z)[b % 2]).toBeCloseTo(surest, 5);
      });
    });
    bench.dispose();
  });
});

describe('naive', () => {
  it('takes the member of least cross-entropy, example by example', () => {
    on(naive({ of: three }), (logits, bench) => {
      const best = [0, 1, 2, 3, 4].map((b) => {
        const losses = logits.map((z) => entropy(z[b] ?? [], b));
        return losses.indexOf(Math.min(...losses));
      });
      expect(new Set(best).size).toBeGreaterThan(1);
      expect(rows(bench.read().logits)).toEqual(best.map((k, b) => logits[k]?.[b]));
    });
  });
});

describe('linearMin', () => {
  /** Losses of all mixtures on a grid. */
  const grid = (logits: Table[], batch: number, cells: number): number => {
    let least = Infinity;
    for (let i = 0; i <= cells; i++) {
      for (let j = 0; j <= (logits.length === 2 ? 0 : cells - i); j++) {
        const shares = logits.length === 2 ? [i / cells, 1 - i / cells] : [i / cells, j / cells, 1 - (i + j) / cells];
        const loss = mean(Array.from({ length: batch }, (_, b) => entropy([0, 1, 2].map((c) => shares.reduce((sum, a, k) => sum + a * (logits[k]?.[b]?.[c] ?? NaN), 0)), b)));
        least = Math.min(least, loss);
      }
    }
    return least;
  };

  it.each([1, 2, 3, 4, 5, 6])('finds what no mixture on a fine grid betters, seed %i', (seed) => {
    for (const [members, cells] of [[['a', 'b'], 1000], [['a', 'b', 'c'], 80]] as const) {
      on(linearMin({ of: members }), (logits, bench) => {
        const loss = mean(rows(bench.read().logits).map(entropy));
        const least = grid(logits, 8, cells);
        expect(loss).toBeLessThan(least + 2e-4);
        // A mixture is all it may be: it cannot be better than the best one, but for the grid.
        expect(loss).toBeGreaterThan(least - 1e-3);
      }, seed, 8);
    }
  });

  it('takes one member alone where that is best', () => {
    const bench = derivedBench(linearMin({ of: ['a', 'b'] }));
    tf.tidy(() => {
      const sure = bench.labels.mul(6);
      const emitted = bench.read({ a: { logits: sure }, b: { logits: sure.neg() } });
      expect(tf.max(tf.abs(emitted.logits.sub(sure))).dataSync()[0]).toBeLessThan(1e-3);
    });
    bench.dispose();
  });
});

describe('generalMin', () => {
  it('begins as the mean, then weighs by the inverse covariance of the errors so far', () => {
    on(generalMin({ of: ['a', 'b'], decay: 0 }), (logits, bench) => {
      near(rows(bench.read().logits), logits[0]?.map((row, b) => row.map((x, c) => (x + (logits[1]?.[b]?.[c] ?? NaN)) / 2)) ?? []);
      const errors = logits.map((z) => z.flatMap((row, b) => softmax(row).map((p, c) => p - Number(c === b % 3))));
      const [[aa, ab], [, bb]] = errors.map((e) => errors.map((f) => e.reduce((sum, x, at) => sum + x * (f[at] ?? NaN), 0) / 5)) as [[number, number], [number, number]];
      near(rows(bench.variables['covariance']), [[aa, ab], [ab, bb]]);
      const share = (bb - ab) / (aa + bb - 2 * ab);
      near(rows(bench.read().logits), logits[0]?.map((row, b) => row.map((x, c) => share * x + (1 - share) * (logits[1]?.[b]?.[c] ?? NaN))) ?? [], 3);
    });
  });

  it('keeps what it is told to of the covariance, and is finite between twins', () => {
    on(generalMin({ of: three, decay: 0.9 }), (_, bench) => {
      const same = bench.members['a'] ?? {};
      for (let step = 0; step < 300; step++) tf.tidy(() => void bench.read({ a: same, b: same, c: same }));
      const emitted = bench.read({ a: same, b: same, c: same });
      near(rows(emitted.logits), rows(same['logits']), 3);
    });
  });

  it('learns nothing', () => {
    const { learns, state } = generalMin({ of: three });
    expect([learns, state?.([], [0, 1], 3).parameters]).toEqual([false, {}]);
  });
});

describe('all four', () => {
  it.each([minLogit, naive, linearMin, generalMin])('read class labels, and refuse a single member', (make) => {
    const node = make({ of: ['a', 'b'] });
    expect([node.labels, node.emits, node.options['of']]).toEqual(['class', ['logits'], ['a', 'b']]);
    expect(() => make({ of: ['a'] })).toThrow(new CodistillError('MEMBERS_FEW', `${node.name}: 'of' names 1 node: name different ones, at least 2.`));
  });

  it('refuse options out of range', () => {
    expect(() => linearMin({ of: three, rounds: 0 })).toThrow('linearMin: rounds must be a whole number of at least 1, not 0.');
    expect(() => generalMin({ of: three, decay: 1 })).toThrow('generalMin: decay must be at least 0 and below 1, not 1.');
  });
});
