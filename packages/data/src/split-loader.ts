import type { Batch, Key, Loader, View } from '@codistill/core/host';
import type { BatchPool } from './batch-pool.ts';
import { epochOrder } from './epoch-order.ts';

/**
 * How a split is gone through.
 *
 * @example
 * const evaluation: SplitPlan = { ids: Int32Array.of(0, 1), labels: Int32Array.of(0, 1), batch: 2, shuffled: false, balanced: false, dropLast: false, ahead: 0 };
 */
export interface SplitPlan {
  readonly ids: Int32Array;
  readonly labels: Int32Array;
  readonly batch: number;
  readonly shuffled: boolean;
  readonly balanced: boolean;
  readonly dropLast: boolean;
  /** Positions made before they are asked for. */
  readonly ahead: number;
}

/** What is being made ahead, for whom. */
interface Stream {
  readonly key: Key;
  readonly views: readonly (View | undefined)[];
  readonly made: Map<number, Promise<readonly Batch[]>>;
}

const sameViews = (a: readonly unknown[], b: readonly unknown[]): boolean => a.length === b.length && a.every((view, index) => view === b[index]);

/**
 * The loader of one split: any position at any time, and the next ones made ahead while the backend computes.
 *
 * @param plan - which examples, how
 * @param pool - makes the batches
 * @example
 * declare const plan: SplitPlan;
 * declare const pool: BatchPool;
 * const loader = splitLoader(plan, pool);
 */
export const splitLoader = (plan: SplitPlan, pool: BatchPool): Loader => {
  const { ids, labels, batch, shuffled, balanced, dropLast, ahead } = plan;
  const batches = dropLast ? Math.floor(ids.length / batch) : Math.ceil(ids.length / batch);
  let order: { readonly key: Key; readonly epoch: number; readonly ids: Int32Array } | undefined;
  let stream: Stream = { key: [0, 0], views: [], made: new Map() };

  const idsAt = (position: number, key: Key): Int32Array => {
    const epoch = Math.floor(position / batches);
    if (shuffled && (order?.epoch !== epoch || order.key[0] !== key[0] || order.key[1] !== key[1])) {
      order = { key, epoch, ids: epochOrder(ids, labels, key, epoch, balanced) };
    }
    const from = (position % batches) * batch;
    return (shuffled && order !== undefined ? order.ids : ids).slice(from, from + batch);
  };
  const make = (position: number, key: Key, views: readonly (View | undefined)[]): Promise<readonly Batch[]> =>
    pool.make({ ids: idsAt(position, key), key, position }, views);

  return {
    examples: dropLast ? batches * batch : ids.length,
    batchSize: batch,
    batches,
    at: (position, key, views) => {
      const goesOn = stream.key[0] === key[0] && stream.key[1] === key[1] && sameViews(stream.views, views);
      if (!goesOn) stream = { key, views, made: new Map() };
      const { made } = stream;
      const wanted = made.get(position) ?? make(position, key, views);
      for (const known of made.keys()) if (known <= position || known > position + ahead) made.delete(known);
      for (let next = position + 1; next <= position + ahead; next++) {
        if (made.has(next)) continue;
        const coming = make(next, key, views);
        // Nobody may have asked yet: whoever does has it made again, and hears of its failure.
        coming.catch(() => made.delete(next));
        made.set(next, coming);
      }
      return wanted;
    },
  };
};
