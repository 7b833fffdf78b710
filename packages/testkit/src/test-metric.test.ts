import { defineMetric, type Metric, type Seen } from '@codistill/core';
import { metricLaws } from './test-metric.ts';

type Sum = [hits: number, examples: number];

const argmax = (row: Float32Array): number => row.indexOf(Math.max(...row));

const rowsOf = (arrays: Seen['labels'], name: string): Float32Array[] => {
  const { shape, values } = arrays[name] ?? { shape: [0, 1], values: new Float32Array() };
  const classes = shape[1] ?? 1;
  return Array.from({ length: shape[0] ?? 0 }, (_, i) => values.subarray(i * classes, (i + 1) * classes));
};

const hits = ({ labels, readings }: Seen): number => {
  const truth = rowsOf(labels, 'class');
  return rowsOf(readings, 'logits').filter((row, i) => argmax(row) === argmax(truth[i] ?? row)).length;
};

/** Accuracy, with something of it changed. */
const metric = (changed: Partial<Metric<'mine', Sum>> = {}): Metric<'mine', Sum> =>
  defineMetric({
    name: 'mine',
    labels: 'class',
    needs: ['logits'],
    better: 'higher',
    init: (): Sum => [0, 0],
    update: ([right, examples], seen): Sum => [right + hits(seen), examples + seen.ids.length],
    result: ([right, examples]) => right / examples,
    ...changed,
  });

const failures = async (part: Metric): Promise<string[]> => {
  const sentences: string[] = [];
  for (const { check } of metricLaws(part)) {
    try {
      await check();
    } catch (error) {
      sentences.push((error as Error).message);
    }
  }
  return sentences;
};

it('a sound metric keeps every law', async () => {
  expect(await failures(metric())).toEqual([]);
});

describe('a law that fails says so in a sentence', () => {
  const shared: Sum = [0, 0];
  it.each<[string, Metric, RegExp]>([
    ['not finite', metric({ result: ([right, examples]) => examples / (right - examples) }), /^with 2 classes and logits 'truth' it gives null$/u],
    ['a mean of batches', metric({ update: ([mean, batches], seen) => [mean + hits(seen) / seen.ids.length, batches + 1] }), /^one batch gives .*, the same examples in two /u],
    ['the last batch only', metric({ update: (_, seen) => [hits(seen), seen.ids.length] }), /^two batches give .*, in the other order /u],
    [
      'one state for all',
      metric({
        init: () => shared,
        update: (state, seen) => {
          state[0] += hits(seen);
          state[1] += seen.ids.length;
          return state;
        },
      }),
      /^updating one state changed another: init shares something between them$/u,
    ],
    [
      'a changed batch',
      metric({
        update: ([right, examples], seen) => {
          const right1 = right + hits(seen);
          seen.labels['class']?.values.fill(0);
          return [right1, examples + seen.ids.length];
        },
      }),
      /^it changed the batch it was shown$/u,
    ],
    [
      'a state that is no plain data',
      defineMetric({
        name: 'mine', labels: 'class', needs: ['logits'], better: 'higher',
        init: () => new Map<number, boolean>(),
        update: (state, seen) => state.set(seen.ids[0] ?? 0, hits(seen) > 0),
        result: (state) => state.size,
      }),
      /state\.set is not a function/u,
    ],
    ['an undeclared label', metric({ update: ([right, examples], seen) => (seen.labels['mask'] === undefined ? [right + hits(seen), examples + seen.ids.length] : [0, 0]) }), /^it reads labels 'mask' but declares only class$/u],
    ['an undeclared reading', metric({ update: ([right, examples], seen) => (seen.other['logits'] === undefined ? [right + hits(seen), examples + seen.ids.length] : [0, 0]) }), /^it reads the other node’s reading 'logits' but declares only none$/u],
    ['the wrong way round', metric({ better: 'lower' }), /^a perfect prediction gives 1, noise 0\.\d+$/u],
    ['a result that changes', metric({ result: (state) => (state[0] += 1) }), /^asking for the result twice gives two results$/u],
    ['an option that JSON cannot hold', metric({ options: { at: Infinity } }), /^metric 'mine' has an option 'at' that JSON cannot hold/u],
  ])('%s', async (_, part, sentence) => {
    expect(await failures(part)).toContainEqual(expect.stringMatching(sentence));
  });
});
