import { CodistillError, type Evaluation } from '@codistill/core';
import { armsTable, scoreTable } from './index.ts';

const evaluation: Evaluation<'teacher' | 'small'> = {
  split: 'test',
  examples: 200,
  nodes: {
    teacher: { numbers: { accuracy: 0.95, macroF1: 0.94, nll: 0.21, ece: 0.0312 }, tables: { confusionMatrix: [[1]] } },
    small: { numbers: { accuracy: 0.9, macroF1: Number.NaN, nll: 12.5 }, tables: {} },
  },
  ensemble: { numbers: { accuracy: 1, macroF1: 1, nll: 0.01, ece: 0 }, tables: {} },
  pairs: {},
};

const sentence = (act: () => unknown): [string, string] => {
  try {
    act();
  } catch (error) {
    if (error instanceof CodistillError) return [error.code, error.message];
    throw error;
  }
  return ['', 'nothing was thrown'];
};

describe('scoreTable', () => {
  it('has a row per node and one for the ensemble', () => {
    expect(scoreTable(evaluation, { teacher: 11_689_512, small: 78_042 })).toBe(
      [
        '┌──────────┬──────────┬──────────┬─────────┬────────┬────────────┐',
        '│          │ accuracy │ macro-F1 │     NLL │    ECE │ parameters │',
        '├──────────┼──────────┼──────────┼─────────┼────────┼────────────┤',
        '│ teacher  │   0.9500 │   0.9400 │  0.2100 │ 0.0312 │ 11,689,512 │',
        '│ small    │   0.9000 │        – │ 12.5000 │      – │     78,042 │',
        '│ ensemble │   1.0000 │   1.0000 │  0.0100 │ 0.0000 │          – │',
        '└──────────┴──────────┴──────────┴─────────┴────────┴────────────┘',
      ].join('\n'),
    );
  });

  it('shows an interval of the accuracy, from counts, where one is asked for', () => {
    const asked: [number, number][] = [];
    const table = scoreTable(evaluation, {}, {
      interval: (successes, trials) => {
        asked.push([successes, trials]);
        return { lower: 0.25, upper: 0.75 };
      },
    });
    expect(asked).toEqual([[190, 200], [180, 200], [200, 200]]);
    expect(table).toContain('│ 0.9500 [0.2500, 0.7500] │');
  });

  it('does without an ensemble and without measures', () => {
    expect(scoreTable({ split: 'test', examples: 0, nodes: { a: { numbers: {}, tables: {} } }, pairs: {} }, {})).toBe(
      ['┌───┬────────────┐', '│   │ parameters │', '├───┼────────────┤', '│ a │          – │', '└───┴────────────┘'].join('\n'),
    );
  });
});

describe('armsTable', () => {
  const arms = { ce: { accuracy: [0.5, 0.7, 0.9], nll: [1] }, kd: { accuracy: [0.75, 0.9, 1.2], nll: [0.5] }, ml: { accuracy: [0.25, 0.5, 0.6] } };

  it('has mean ± deviation over seeds, and the paired difference to the baseline', () => {
    expect(armsTable(arms, { baseline: 'ce' })).toBe(
      [
        '┌────┬─────────────────┬──────────────────┬────────┬─────────┬───────┐',
        '│    │        accuracy │             − ce │    NLL │    − ce │ seeds │',
        '├────┼─────────────────┼──────────────────┼────────┼─────────┼───────┤',
        '│ ce │ 0.7000 ± 0.2000 │                – │ 1.0000 │       – │     3 │',
        '│ kd │ 0.9500 ± 0.2291 │ +0.2500 ± 0.0500 │ 0.5000 │ -0.5000 │     3 │',
        '│ ml │ 0.4500 ± 0.1803 │ -0.2500 ± 0.0500 │      – │       – │     3 │',
        '└────┴─────────────────┴──────────────────┴────────┴─────────┴───────┘',
      ].join('\n'),
    );
  });

  it('has no differences without a baseline', () => {
    expect(armsTable({ ce: { accuracy: [0.5] } })).toBe(
      ['┌────┬──────────┬───────┐', '│    │ accuracy │ seeds │', '├────┼──────────┼───────┤', '│ ce │   0.5000 │     1 │', '└────┴──────────┴───────┘'].join('\n'),
    );
  });

  it('says which arms there are, and that seeds must match', () => {
    // @ts-expect-error no such arm
    expect(sentence(() => armsTable(arms, { baseline: 'plain' }))).toEqual(['NO_SUCH_ARM', "there is no arm 'plain' to compare with: the arms are ce, kd, ml."]);
    expect(sentence(() => armsTable({ ce: { accuracy: [1, 2, 3] }, kd: { accuracy: [1] } }, { baseline: 'ce' }))).toEqual([
      'SEEDS_DIFFER',
      "arm 'kd' has 1 value of 'accuracy' and the baseline 'ce' has 3: run both with the same seeds.",
    ]);
  });
});
