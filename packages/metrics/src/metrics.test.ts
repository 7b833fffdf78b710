import { readFileSync } from 'node:fs';
import { CodistillError, type HostArray, type Metric, type Seen } from '@codistill/core';
import { testMetric } from '@codistill/testkit';
import {
  accuracy,
  agreement,
  auroc,
  balancedAccuracy,
  brier,
  classificationMetrics,
  cohenKappa,
  confusionMatrix,
  disagreement,
  ece,
  f1,
  klFidelity,
  mcc,
  mistakes,
  nll,
  precision,
  recall,
  topK,
} from './index.ts';
import { rankArea } from './rank-area.ts';

interface Golden {
  readonly values: Readonly<Record<string, number | readonly (readonly number[])[]>>;
  readonly ece: { readonly '15': number; readonly '10': number };
  readonly pairs: { readonly meanDisagreement: number; readonly klOfFirstTwo: number };
  readonly binaryAuroc: number;
  readonly logits: readonly number[][][];
  readonly labels: readonly number[];
  readonly binaryScores: readonly number[];
  readonly binaryLabels: readonly number[];
}

const golden = JSON.parse(readFileSync(new URL('./metrics.golden.json', import.meta.url), 'utf8')) as Golden;
const [z0 = [], z1 = [], z2 = []] = golden.logits;

const array = (rows: readonly (readonly number[])[], classes: number): HostArray => ({ shape: [rows.length, classes], values: Float32Array.from(rows.flat()) });

/** A batch of logits rows with one-hot labels; `other` for pairs. */
const shown = (logits: readonly (readonly number[])[], labels: readonly number[], other?: readonly (readonly number[])[]): Seen => {
  const classes = logits[0]?.length ?? 2;
  return {
    ids: Int32Array.from(labels, (_, i) => i),
    labels: { class: array(labels.map((label) => Array.from({ length: classes }, (_, c) => Number(c === label))), classes) },
    readings: { logits: array(logits, classes) },
    other: other === undefined ? {} : { logits: array(other, classes) },
  };
};

const measure = (metric: Metric, batch: Seen): ReturnType<Metric['result']> =>
  metric.result(metric.update(metric.init(batch.readings['logits']?.shape[1] ?? 2), batch));

const sentence = (act: () => unknown): [string, string] => {
  try {
    act();
  } catch (error) {
    if (error instanceof CodistillError) return [error.code, error.message];
    throw error;
  }
  return ['', 'nothing was thrown'];
};

const ofNodes: readonly Metric[] = [
  accuracy(),
  topK({ k: 2 }),
  topK(),
  precision(),
  recall(),
  f1(),
  precision({ average: 'micro' }),
  recall({ average: 'micro' }),
  f1({ average: 'micro' }),
  balancedAccuracy(),
  cohenKappa(),
  mcc(),
  auroc(),
  nll(),
  brier(),
  confusionMatrix(),
];

[...ofNodes, ece(), ece({ bins: 1 }), mistakes(), agreement(), disagreement(), klFidelity()]
  // with as many classes as k, every prediction is a hit
  .filter((metric) => metric.name !== 'top5')
  .forEach(testMetric);

describe('golden values', () => {
  it.each(ofNodes)('$name', (metric) => {
    const value = measure(metric, shown(z0, golden.labels));
    const expected = golden.values[metric.name];
    if (typeof expected === 'number') expect(value).toBeCloseTo(expected, 9);
    else expect(value).toEqual(expected);
  });

  it('ece, in 15 and 10 bins', () => {
    expect(measure(ece(), shown(z0, golden.labels))).toBeCloseTo(golden.ece['15'], 9);
    expect(measure(ece({ bins: 10 }), shown(z0, golden.labels))).toBeCloseTo(golden.ece['10'], 9);
  });

  it('disagreement, over three pairs, and agreement as what remains', () => {
    const pairs = [[z0, z1], [z0, z2], [z1, z2]] as const;
    const values = pairs.map(([a, b]) => measure(disagreement(), shown(a, golden.labels, b)) as number);
    expect(values.reduce((sum, value) => sum + value, 0) / 3).toBeCloseTo(golden.pairs.meanDisagreement, 9);
    expect(measure(agreement(), shown(z0, golden.labels, z1))).toBeCloseTo(1 - (values[0] ?? 0), 12);
  });

  it('klFidelity, from the first node to the second', () => {
    expect(measure(klFidelity(), shown(z0, golden.labels, z1))).toBeCloseTo(golden.pairs.klOfFirstTwo, 9);
    expect(measure(klFidelity(), shown(z1, golden.labels, z0))).not.toBeCloseTo(golden.pairs.klOfFirstTwo, 3);
  });

  it('the area of a binary score with ties', () => {
    const positive = golden.binaryLabels.map((label) => label === 1);
    expect(rankArea(golden.binaryScores, positive)).toBeCloseTo(golden.binaryAuroc, 9);
  });
});

describe('soft labels', () => {
  it('mean the class with the largest share', () => {
    const batch = { ...shown([[2, 0, 0]], [0]), labels: { class: array([[0.2, 0.5, 0.3]], 3) } };
    expect(measure(accuracy(), batch)).toBe(0);
    expect(measure(mistakes(), batch)).toEqual([[0, 1, 0]]);
  });
});

describe('classes that do not occur', () => {
  // three classes, the last neither in labels nor in predictions; five examples, one wrong
  const batch = shown([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 1, 0]], [0, 0, 1, 1, 0]);

  it('count 0 in macro averages, as with zero_division=0 and all labels named', () => {
    expect(measure(precision(), batch)).toBeCloseTo((1 + 2 / 3 + 0) / 3, 12);
    expect(measure(recall(), batch)).toBeCloseTo((2 / 3 + 1 + 0) / 3, 12);
    expect(measure(f1(), batch)).toBeCloseTo((4 / 5 + 4 / 5 + 0) / 3, 12);
  });

  it('are left out of balanced accuracy and of AUROC', () => {
    expect(measure(balancedAccuracy(), batch)).toBeCloseTo((2 / 3 + 1) / 2, 12);
    expect(measure(auroc(), batch)).toBeCloseTo((5 / 6 + 5 / 6) / 2, 12);
  });

  it('leave AUROC and kappa without a value where only one class is left, and MCC at 0', () => {
    const one = shown([[1, 0], [2, 0]], [0, 0]);
    expect(measure(auroc(), one)).toBeNaN();
    expect(measure(cohenKappa(), one)).toBeNaN();
    expect(measure(mcc(), one)).toBe(0);
  });
});

describe('no examples', () => {
  it.each([...ofNodes, ece(), agreement(), disagreement(), klFidelity()])('$name has no value', (metric) => {
    const result = metric.result(metric.init(2));
    if (metric.name === 'confusionMatrix') expect(result).toEqual([[0, 0], [0, 0]]);
    else expect(result).toBeNaN();
  });
  it('mistakes has no rows', () => {
    expect(mistakes().result([])).toEqual([]);
  });
});

describe('two classes', () => {
  it('AUROC tells apart what probabilities near 1 round together, and counts ties half', () => {
    // both positives above, by a margin that softmax in float64 rounds away: 1 − e⁻⁵⁰ = 1 − e⁻⁶⁰ = 1
    expect(measure(auroc(), shown([[0, 60], [0, 50], [0, 60]], [1, 0, 1]))).toBe(1);
    expect(measure(auroc(), shown([[0, 60], [0, 60], [0, 0]], [1, 0, 1]))).toBe((0.5 + 0) / 2);
  });
  it('F1 averages over both, not over the positive one', () => {
    expect(measure(f1(), shown([[1, 0], [0, 1], [0, 1]], [0, 1, 0]))).toBeCloseTo((2 / 3 + 2 / 3) / 2, 12);
  });
});

describe('ece', () => {
  it('puts a confidence on a border into the bin below', () => {
    // confidence exactly ½, right: in (0, ½] with the ¼-wide bins' second; a second example at ½ + ε, wrong, in the third
    const batch = shown([[0, 0], [0, 2 ** -20]], [0, 0]);
    const above = 1 / (1 + Math.exp(-(2 ** -20)));
    expect(measure(ece({ bins: 4 }), batch)).toBeCloseTo((Math.abs(1 - 0.5) + Math.abs(0 - above)) / 2, 12);
    expect(measure(ece({ bins: 1 }), batch)).toBeCloseTo(Math.abs(1 - (0.5 + above)) / 2, 12);
  });
});

describe('a network that diverged', () => {
  const batch = shown([[Number.NaN, Number.NaN], [1, 0]], [1, 0]);
  it('shows in everything that reads probabilities', () => {
    for (const metric of [nll(), brier(), ece(), auroc()]) expect(measure(metric, batch)).toBeNaN();
  });
  it('scores no hit', () => {
    expect(measure(topK({ k: 1 }), batch)).toBe(0.5);
    expect(measure(topK({ k: 2 }), batch)).toBe(0.5);
  });
});

describe('topK', () => {
  it('is named for its k and counts equal logits in order', () => {
    expect(topK().name).toBe('top5');
    expect(measure(topK({ k: 1 }), shown([[1, 1, 0], [1, 1, 0]], [0, 1]))).toBe(0.5);
    expect(measure(topK({ k: 2 }), shown([[1, 1, 0], [1, 1, 0]], [0, 1]))).toBe(1);
    expect(measure(topK({ k: 9 }), shown([[1, 1, 0]], [2]))).toBe(1);
  });
});

describe('sentences', () => {
  it.each([0, -1, 1.5, Number.NaN])('k = %d', (k) => {
    expect(sentence(() => topK({ k }))).toEqual(['COUNT_INVALID', `metric 'topK' was given k = ${k}: it must be a whole number of at least 1.`]);
  });
  it('bins = 0', () => {
    expect(sentence(() => ece({ bins: 0 }))).toEqual(['COUNT_INVALID', "metric 'ece' was given bins = 0: it must be a whole number of at least 1."]);
  });
  it('an engine that forgets the logits', () => {
    expect(sentence(() => measure(accuracy(), { ...shown([[1, 0]], [0]), readings: {} }))).toEqual([
      'NOT_GIVEN',
      "internal: a metric reads 'logits' but was given nothing.",
    ]);
  });
});

it('by default measures accuracy, macro F1, NLL and ECE', () => {
  expect(classificationMetrics().map(({ name }) => name)).toEqual(['accuracy', 'macroF1', 'nll', 'ece']);
});
