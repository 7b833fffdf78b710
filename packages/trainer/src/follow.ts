import { type Named, type Scheduled } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import type { LiveGraph } from './live-graph.ts';
import { must } from './must.ts';

const towards = (copies: Named<tf.Variable>, originals: Named<tf.Variable>, decay: tf.Scalar): void => {
  const rest = tf.sub(1, decay);
  for (const [name, copy] of Object.entries(copies)) copy.assign(copy.mul(decay).add(must(originals[name], `variable '${name}'`).mul(rest)));
};

/**
 * Lets copies that follow their originals at every step do so: `θ′ ← φ θ′ + (1 − φ) θ`, and the same for the moving statistics of
 * those that are read with them.
 *
 * @param decayOf - the present value of φ
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * declare const live: LiveGraph;
 * tf.tidy(() => follow(live, () => tf.scalar(0.999)));
 */
export const follow = ({ graph, nodes }: Pick<LiveGraph, 'graph' | 'nodes'>, decayOf: (decay: Scheduled) => tf.Scalar): void => {
  for (const [name, { of, follows, mode }] of Object.entries(graph.copies)) {
    if (!('every' in follows)) continue;
    const [copy, original] = [name, of[0]].map((each) => must(nodes[each], `network of '${each}'`).network) as [LiveNetwork, LiveNetwork];
    const decay = decayOf(follows.decay);
    towards(copy.parameters, original.parameters, decay);
    if (mode === 'inference') towards(copy.buffers, original.buffers, decay);
  }
};

type LiveNetwork = LiveGraph['nodes'][string]['network'];
