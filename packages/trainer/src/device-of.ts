import type { ProgramOptions } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';
import type { LiveGraph } from './live-graph.ts';

/**
 * Deals nodes out to devices in turn, the teacher first: a node's weights, its optimizer's slots and the variables of edges that
 * end at it live on the same device.
 *
 * @param devices - none leaves everything where the backend puts it
 * @example
 * declare const live: LiveGraph;
 * const of = deviceOf(live, ['/GPU:0', '/GPU:1']);
 */
export const deviceOf = (live: LiveGraph, devices: readonly string[]): NonNullable<ProgramOptions['deviceOf']> => {
  const places = new Map<tf.Variable, string | undefined>();
  Object.values(live.nodes).forEach(({ name, network }, index) => {
    const edges = live.graph.spec.edges.filter(({ to }) => to === name).map(({ id }) => live.edgeVariables[id] ?? {});
    const slots = live.learners[name]?.slots ?? {};
    for (const variables of [network.parameters, network.buffers, slots, ...edges]) {
      for (const variable of Object.values(variables)) places.set(variable, devices[index % devices.length]);
    }
  });
  return (variable) => places.get(variable);
};
