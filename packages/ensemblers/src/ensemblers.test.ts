import { readFileSync } from 'node:fs';
import { CodistillError, type DerivedContext, describe as describePart, type Ensembler } from '@codistill/core';
import { testEnsembler, testOn } from '@codistill/testkit';
import * as tf from '@tensorflow/tfjs';
import { ensembleOf, majorityVote, maxConfidence, meanLogits, meanProbabilities, weighted } from './index.ts';

interface Golden {
  readonly logits: readonly number[][][];
  readonly labels: readonly number[];
  readonly predictions: Readonly<Record<string, readonly number[]>>;
  readonly nllOfMeanProbabilities: number;
}

const golden = JSON.parse(readFileSync(new URL('./ensembles.golden.json', import.meta.url), 'utf8')) as Golden;
const context = { logSoftmax: (logits: tf.Tensor): tf.Tensor => tf.logSoftmax(logits) };

/** Combined logits of members given as rows of numbers. */
const combine = (ensembler: Ensembler<'logits'>, members: readonly (readonly number[][])[]): number[][] =>
  tf.tidy(() => {
    const readings = members.map((rows) => ({ logits: tf.tensor2d(rows.map((row) => [...row])) }));
    return ensembler.combine(readings, context).logits.arraySync() as number[][];
  });

const argmax = (row: readonly number[]): number => row.indexOf(Math.max(...row));
const sentence = (act: () => unknown): [string, string] => {
  try {
    act();
  } catch (error) {
    if (error instanceof CodistillError) return [error.code, error.message];
    throw error;
  }
  return ['', 'nothing was thrown'];
};

testOn('cpu');

testEnsembler(meanProbabilities());
testEnsembler(meanLogits());
testEnsembler(weighted({ weights: [3, 0, 1] }), { members: [3], orderMatters: true });
testEnsembler(weighted({ weights: [7] }), { members: [1] });
testEnsembler(majorityVote());
testEnsembler(maxConfidence());

describe('golden values', () => {
  const rules = [
    { rule: 'mean_probs', ensembler: meanProbabilities() },
    { rule: 'mean_logits', ensembler: meanLogits() },
    { rule: 'majority_vote', ensembler: majorityVote() },
    { rule: 'max_confidence', ensembler: maxConfidence() },
  ];
  it.each(rules)('$rule predicts what the oracle predicts', ({ ensembler, rule }) => {
    expect(combine(ensembler, golden.logits).map(argmax)).toEqual(golden.predictions[rule]);
  });

  it('meanProbabilities has the NLL of the mean of the probabilities', () => {
    const logP = combine(meanProbabilities(), golden.logits);
    const nll = logP.reduce((sum, row, i) => sum - (row[golden.labels[i] ?? 0] ?? 0), 0) / logP.length;
    expect(nll).toBeCloseTo(golden.nllOfMeanProbabilities, 6);
  });
});

describe('weighted', () => {
  const [a = [], b = [], c = []] = golden.logits;

  it('with equal weights is the mean, whatever they sum to', () => {
    const mean = combine(meanProbabilities(), golden.logits).flat();
    combine(weighted({ weights: [5, 5, 5] }), golden.logits)
      .flat()
      .forEach((x, i) => {
        expect(x).toBeCloseTo(mean[i] ?? Number.NaN, 5);
      });
  });

  it('with weights 2 and 1 is the mean of two of the one and one of the other', () => {
    const mean = combine(meanProbabilities(), [a, a, b]).flat();
    combine(weighted({ weights: [2, 1] }), [a, b])
      .flat()
      .forEach((x, i) => {
        expect(x).toBeCloseTo(mean[i] ?? Number.NaN, 5);
      });
  });

  it('with a weight of 0 leaves the node out', () => {
    expect(combine(weighted({ weights: [1, 0, 2] }), [a, b, c])).toEqual(combine(weighted({ weights: [1, 2] }), [a, c]));
  });

  it('says how many weights it needs', () => {
    expect(sentence(() => combine(weighted({ weights: [1, 2, 3] }), [a, b]))).toEqual([
      'WEIGHT_COUNT',
      "ensembler 'weighted' has 3 weights but combines 2 nodes: give one weight per node, in the order of 'of'.",
    ]);
    expect(sentence(() => weighted({ weights: [1] }).layers?.([tf.input({ shape: [2] }), tf.input({ shape: [2] })]))).toEqual([
      'WEIGHT_COUNT',
      "ensembler 'weighted' has 1 weight but combines 2 nodes: give one weight per node, in the order of 'of'.",
    ]);
  });

  it.each([[[]], [[0, 0]], [[1, -1, 3]], [[1, Number.NaN]], [[1, Infinity]]])('refuses the weights %j', (weights) => {
    expect(sentence(() => weighted({ weights }))).toEqual([
      'WEIGHTS_INVALID',
      `ensembler 'weighted' was given the weights [${weights.join(', ')}]: each must be a finite number of at least 0, and one must be above 0.`,
    ]);
  });
});

describe('meanLogits', () => {
  it('does not lose a member beside one whose logits are shifted far up', () => {
    const [plain = []] = combine(meanLogits(), [[[0, 0.25]], [[0, 0.5]]]);
    const [shifted = []] = combine(meanLogits(), [[[0, 0.25]], [[1048576, 1048576.5]]]);
    expect(shifted).toEqual(plain);
  });
});

describe('majorityVote', () => {
  it('counts votes, and adds the mean as one more', () => {
    // probabilities (0.9, 0.05, 0.05), (0.1, 0.6, 0.3), (0.2, 0.5, 0.3): one vote for the first class, two for the second
    const members = [[0.9, 0.05, 0.05], [0.1, 0.6, 0.3], [0.2, 0.5, 0.3]].map((p) => [p.map(Math.log)]);
    const [logP = []] = combine(majorityVote(), members);
    expect(logP.map(Math.exp)).toEqual([(1 + 1.2 / 3) / 4, (2 + 1.15 / 3) / 4, (0 + 0.65 / 3) / 4].map((p) => expect.closeTo(p, 6) as number));
    expect(argmax(combine(meanProbabilities(), members)[0] ?? [])).toBe(0);
  });

  it('gives a tie to the class with the larger mean', () => {
    const [logP = []] = combine(majorityVote(), [[[Math.log(0.6), Math.log(0.4)]], [[Math.log(0.1), Math.log(0.9)]]]);
    expect(argmax(logP)).toBe(1);
  });

  it('gives a member’s own tie to the lower class, once', () => {
    const [logP = []] = combine(majorityVote(), [[[0, 0, 0]]]);
    expect(logP.map(Math.exp)).toEqual([2 / 3, 1 / 6, 1 / 6].map((p) => expect.closeTo(p, 6) as number));
  });

  it('has a finite NLL for a class that every member rules out', () => {
    const [logP = []] = combine(majorityVote(), [[[1e4, -1e4]], [[1e4, -1e4]]]);
    expect(logP[1]).toBeCloseTo(-2e4 - Math.log(3), 1);
  });
});

describe('maxConfidence', () => {
  it('is the surest member, example by example, and the first of equals', () => {
    const sure = [5, 0, 0];
    const unsure = [0, 0, 1];
    const rows = combine(maxConfidence(), [
      [sure, unsure, [2, 0, 0]],
      [unsure, sure, [0, 2, 0]],
    ]);
    expect(rows.map(argmax)).toEqual([0, 0, 0]);
    const lse = Math.log(Math.exp(5) + 2);
    expect(rows[1]).toEqual([5 - lse, -lse, -lse].map((x) => expect.closeTo(x, 5) as number));
  });
});

describe('ensembleOf', () => {
  it('is a derived node that reads as its ensembler combines', () => {
    const node = ensembleOf(weighted({ weights: [2, 1] }), { of: ['small', 'tiny'] });
    const names: readonly ('small' | 'tiny')[] = node.of;
    expect(names).toEqual(['small', 'tiny']);
    expect(node.emits).toEqual(['logits']);
    expect(describePart(node)).toEqual({
      package: '@codistill/ensemblers',
      name: 'ensembleOf',
      options: {
        ensembler: { package: '@codistill/ensemblers', name: 'weighted', options: { weights: [2, 1] } },
        of: ['small', 'tiny'],
      },
    });
    const [a = [], b = []] = golden.logits;
    const read = tf.tidy(() => node.read([a, b].map((rows) => ({ logits: tf.tensor2d(rows) })), context as DerivedContext).logits.arraySync());
    expect(read).toEqual(combine(weighted({ weights: [2, 1] }), [a, b]));
  });

  it('refuses no member, and one named twice', () => {
    expect(sentence(() => ensembleOf(meanProbabilities(), { of: [] }))).toEqual([
      'NO_MEMBERS',
      "ensembler 'meanProbabilities' was given no node to combine: name at least one in 'of'.",
    ]);
    expect(sentence(() => ensembleOf(meanProbabilities(), { of: ['a', 'b', 'a'] }))).toEqual([
      'MEMBER_TWICE',
      "ensembleOf names node 'a' twice: name each node once, and use weighted({ weights }) where one should count for more.",
    ]);
  });

  it.each([meanProbabilities(), meanLogits(), weighted({ weights: [1] }), majorityVote(), maxConfidence()])(
    '$name combines no node with a sentence',
    (ensembler) => {
      expect(sentence(() => combine(ensembler, []))).toEqual([
        'NO_MEMBERS',
        `ensembler '${ensembler.name}' was given no node to combine: name at least one in 'of'.`,
      ]);
    },
  );
});
