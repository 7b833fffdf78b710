/**
 * Area under the ROC curve as Mann and Whitney's statistic: `(R − P(P + 1)/2) / (P · N)`, where `R` is the sum of the ranks of the
 * `P` positives among all, equal scores sharing the mean of their ranks.
 *
 * @returns NaN where a score is NaN, or where all are positive or none is
 */
export const rankArea = (scores: readonly number[], positive: readonly boolean[]): number => {
  if (scores.some(Number.isNaN)) return Number.NaN;
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
  let ranks = 0;
  let positives = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    let hits = 0;
    while (end < order.length && scores[order[end] ?? 0] === scores[order[start] ?? 0]) {
      if (positive[order[end] ?? 0] === true) hits += 1;
      end += 1;
    }
    ranks += (hits * (start + 1 + end)) / 2;
    positives += hits;
    start = end;
  }
  return (ranks - (positives * (positives + 1)) / 2) / (positives * (order.length - positives));
};
