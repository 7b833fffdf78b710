import { type Key, fold, permutation } from '@codistill/core/host';

/**
 * The order of one epoch.
 *
 * @param ids - the split's examples
 * @param labels - class of every example of the set
 * @param key - same key and epoch, same order
 * @param balanced - each class equally often: small classes repeat, large ones are sampled; as many examples as ever
 * @example
 * epochOrder(Int32Array.of(0, 1, 2), Int32Array.of(0, 0, 1), [0, 7], 0, false);
 */
export const epochOrder = (ids: Int32Array, labels: Int32Array, key: Key, epoch: number, balanced: boolean): Int32Array => {
  const own = fold(key, 'order', epoch);
  const shuffled = (values: Int32Array, by: Key): Int32Array => Int32Array.from(permutation(by, values.length), (at) => values[at] as number);
  if (!balanced) return shuffled(ids, own);
  const classes = [...new Set(Array.from(ids, (id) => labels[id] as number))].sort((a, b) => a - b);
  const drawn = new Int32Array(ids.length);
  const queues = classes.map((label): { readonly label: number; left: Int32Array; round: number } => ({ label, left: new Int32Array(0), round: 0 }));
  for (let at = 0; at < drawn.length; at++) {
    const queue = queues[at % queues.length];
    if (queue === undefined) break;
    if (queue.left.length === 0) queue.left = shuffled(ids.filter((id) => labels[id] === queue.label), fold(own, queue.label, queue.round++));
    drawn[at] = queue.left[0] as number;
    queue.left = queue.left.subarray(1);
  }
  return shuffled(drawn, fold(own, 'mix'));
};
