import { CodistillError, defineMetric, type Metric, say } from '@codistill/core';
import { argmax } from './argmax.ts';
import { logSoftmax } from './log-softmax.ts';
import { rowsOf } from './rows-of.ts';

/**
 * What is kept of the predictions in one bin of confidence: how many, the sum of their confidences, how many were right.
 *
 * @example
 * const empty: Bin = { examples: 0, confidence: 0, right: 0 };
 */
export interface Bin {
  examples: number;
  confidence: number;
  right: number;
}

/**
 * Expected calibration error (Naeini et al. 2015; Guo et al. 2017, arXiv:1706.04599): how far confidence and accuracy are apart,
 *
 * `Σ_b n_b/n |confidence_b − accuracy_b|`, over equally wide bins `(lo, hi]` of the largest probability.
 *
 * From 0 to 1; NaN of no examples.
 *
 * @param options - `bins`: how many; default 15, as Guo et al.
 * @throws CodistillError `COUNT_INVALID`
 * @example
 * const metric = ece({ bins: 10 });
 * console.log(metric.better); // 'lower'
 */
export const ece = ({ bins = 15 }: { readonly bins?: number } = {}): Metric<'ece', Bin[]> => {
  if (!Number.isInteger(bins) || bins < 1) throw new CodistillError('COUNT_INVALID', say.metrics.countInvalid('ece', 'bins', bins));

  /** Compares with the borders themselves: ⌈p · bins⌉ may round a border into the next bin. */
  const binOf = (confidence: number): number => {
    let bin = 0;
    while (bin < bins - 1 && confidence > (bin + 1) / bins) bin += 1;
    return bin;
  };

  return defineMetric({
    package: '@codistill/metrics',
    name: 'ece',
    options: { bins },
    labels: 'class',
    needs: ['logits'],
    better: 'lower',
    init: (): Bin[] => Array.from({ length: bins }, () => ({ examples: 0, confidence: 0, right: 0 })),
    update: (state, { labels, readings }) => {
      const truth = rowsOf(labels, 'class');
      rowsOf(readings, 'logits').forEach((logits, row) => {
        const predicted = argmax(logits);
        const confidence = Math.exp(logSoftmax(logits)[predicted] ?? Number.NaN);
        const bin = state[binOf(confidence)];
        if (bin === undefined) return;
        bin.examples += 1;
        bin.confidence += confidence;
        bin.right += predicted === argmax(truth[row] ?? []) ? 1 : 0;
      });
      return state;
    },
    result: (state) =>
      state.reduce((sum, bin) => sum + Math.abs(bin.confidence - bin.right), 0) / state.reduce((sum, bin) => sum + bin.examples, 0),
  });
};
