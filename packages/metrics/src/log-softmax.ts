import { argmax } from './argmax.ts';

/**
 * `log softmax(z)` in float64. The largest class is −log1p(Σ over the others), so that a probability next to 1 keeps its distance
 * from 1 and ranks stay exact.
 */
export const logSoftmax = (logits: ArrayLike<number>): Float64Array => {
  const top = argmax(logits);
  const highest = logits[top] ?? 0;
  let others = 0;
  for (let c = 0; c < logits.length; c++) if (c !== top) others += Math.exp((logits[c] ?? 0) - highest);
  const logSum = Math.log1p(others);
  return Float64Array.from(logits, (z) => z - highest - logSum);
};
