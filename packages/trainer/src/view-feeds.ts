import { type Batch, type Feed, type Graph, type Named, type NodeView, type View } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/**
 * One of the things a node sees of a batch.
 *
 * @example
 * const asItIs: Seen = { feed: 0, look: undefined };
 */
export interface Seen {
  /** Index into the views that the loader makes. */
  readonly feed: number;
  /** What a node makes of that. */
  readonly look: NodeView | undefined;
}

/**
 * The distinct views of a graph's nodes: the loader makes one batch for each, however many nodes share it.
 *
 * @example
 * const count = (feeds: ViewFeeds): number => feeds.views.length;
 */
export interface ViewFeeds {
  readonly views: readonly (View | undefined)[];
  /** What each network sees, by node name; several are stacked along the batch axis. */
  readonly seenBy: Named<readonly Seen[]>;
}

/**
 * Which views each network sees.
 *
 * @example
 * declare const graph: Graph;
 * const { views } = viewFeeds(graph); // [undefined] where no node has a view of its own
 */
export const viewFeeds = (graph: Graph): ViewFeeds => {
  const views: (View | undefined)[] = [];
  const feedOf = (view: View | undefined): number => {
    if (!views.includes(view)) views.push(view);
    return views.indexOf(view);
  };
  const seenBy = Object.fromEntries(
    Object.keys(graph.models).map((node) => [
      node,
      (graph.views[node] ?? [undefined]).map((view): Seen => (view !== undefined && 'look' in view ? { feed: feedOf(undefined), look: view } : { feed: feedOf(view), look: undefined })),
    ]),
  );
  return { views, seenBy };
};

/**
 * Host batches under the names the step reads: `ids`, the same for every view, `input/<view>` and `labels/<view>/<name>`.
 *
 * @param batches - one per view
 * @example
 * declare const batches: readonly Batch[];
 * const feeds = toFeeds(batches);
 */
export const toFeeds = (batches: readonly Batch[]): Named<Feed> =>
  Object.fromEntries(
    batches.flatMap(({ ids, input, labels }, view): (readonly [string, Feed])[] => [
      // The examples are the same in every view.
      ...(view === 0 ? [['ids', { dtype: 'int32', shape: [ids.length], values: ids }] as const] : []),
      [`input/${view}`, { dtype: 'float32', ...input }],
      ...Object.entries(labels).map(([name, array]) => [`labels/${view}/${name}`, { dtype: 'float32', ...array }] as const),
    ]),
  );

/**
 * Host arrays as tensors.
 *
 * @returns tensors that the caller disposes
 * @example
 * const { key } = tensorsOf({ key: { dtype: 'int32', shape: [2], values: new Int32Array([1, 2]) } });
 */
export const tensorsOf = (feeds: Named<Feed>): Record<string, tf.Tensor> =>
  Object.fromEntries(Object.entries(feeds).map(([name, { values, shape, dtype }]) => [name, tf.tensor(values, [...shape], dtype)]));

/**
 * Host batches as tensors under the names of {@link toFeeds}.
 *
 * @returns tensors that the caller disposes
 * @example
 * declare const batches: readonly Batch[];
 * const feed = toTensors(batches);
 */
export const toTensors = (batches: readonly Batch[]): Record<string, tf.Tensor> => tensorsOf(toFeeds(batches));
