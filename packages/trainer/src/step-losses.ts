import { CodistillError, type Graph, type Named, type Scheduled, type StepLosses, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { edgeName } from './edge-failure.ts';

/**
 * Reads what a step returned, in one transfer, and frees it.
 *
 * @param means - by edge id; disposed
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const values = await readMeans({ 'labels-crossEntropy-small': tf.scalar(0.7) });
 */
export const readMeans = async (means: Record<string, tf.Scalar>): Promise<Named<number>> => {
  const ids = Object.keys(means);
  const stacked = tf.tidy(() => tf.stack(Object.values(means)));
  tf.dispose(means);
  const values = await stacked.data();
  stacked.dispose();
  return Object.fromEntries(ids.map((id, index) => [id, values[index] ?? NaN]));
};

/**
 * Refuses losses that are not finite.
 *
 * @param kept - the sentence's end: what is safe on disk
 * @throws CodistillError `NOT_FINITE`, naming the first edge
 * @example
 * declare const graph: Graph;
 * refuseNotFinite(graph, { 'labels-crossEntropy-small': 0.7 }, 12, 'no checkpoint had been written');
 */
export const refuseNotFinite = (graph: Graph, means: Named<number>, step: number, kept: string): void => {
  const bad = graph.spec.edges.find(({ id }) => means[id] !== undefined && !Number.isFinite(means[id]));
  if (bad !== undefined) throw new CodistillError('NOT_FINITE', say.train.notFinite(edgeName(bad), String(means[bad.id]), step, kept));
};

/**
 * Losses per node: the weighted sum of the means of the edges that end there.
 *
 * @param valueOf - the present value of an edge's weight
 * @example
 * declare const graph: Graph;
 * const { nodes } = lossesOf(graph, { 'labels-crossEntropy-small': 0.7 }, () => 1);
 */
export const lossesOf = (graph: Graph, means: Named<number>, valueOf: (weight: Scheduled) => number): StepLosses => {
  const nodes: Record<string, number> = {};
  graph.spec.edges.forEach(({ id, to, scale }, index) => {
    const mean = means[id];
    const weight = graph.edges[index]?.weight;
    if (mean !== undefined && weight !== undefined) nodes[to] = (nodes[to] ?? 0) + valueOf(weight) * scale * mean;
  });
  return { nodes, edges: means };
};
