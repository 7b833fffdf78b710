import type { Batch, Graph, Named, View } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/**
 * The distinct views of a graph's nodes: the loader makes one batch for each, however many nodes share it.
 *
 * @example
 * const count = (feeds: ViewFeeds): number => feeds.views.length;
 */
export interface ViewFeeds {
  readonly views: readonly (View | undefined)[];
  /** Index into `views`, by node name. */
  readonly indexOf: Named<number>;
}

/**
 * Which view each network sees.
 *
 * @example
 * declare const graph: Graph;
 * const { views } = viewFeeds(graph); // [undefined] where no node has a view of its own
 */
export const viewFeeds = (graph: Graph): ViewFeeds => {
  const views: (View | undefined)[] = [];
  const indexOf: Record<string, number> = {};
  for (const node of Object.keys(graph.models)) {
    const view = graph.views[node];
    if (!views.includes(view)) views.push(view);
    indexOf[node] = views.indexOf(view);
  }
  return { views, indexOf };
};

/**
 * Host batches as tensors under the names the step reads: `input/<view>` and `labels/<view>/<name>`.
 *
 * @returns tensors that the caller disposes
 * @example
 * declare const batches: readonly Batch[];
 * const feed = toTensors(batches);
 */
export const toTensors = (batches: readonly Batch[]): Record<string, tf.Tensor> =>
  Object.fromEntries(
    batches.flatMap((batch, view) => [
      [`input/${view}`, tf.tensor(batch.input.values, [...batch.input.shape], 'float32')] as const,
      ...Object.entries(batch.labels).map(([name, array]) => [`labels/${view}/${name}`, tf.tensor(array.values, [...array.shape], 'float32')] as const),
    ]),
  );
