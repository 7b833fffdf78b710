/** Index of the largest value, the first of equals: the class of a label row (one-hot or soft), the prediction of a row of logits. */
export const argmax = (row: ArrayLike<number>): number => {
  let best = 0;
  for (let index = 1; index < row.length; index++) if ((row[index] ?? 0) > (row[best] ?? 0)) best = index;
  return best;
};
