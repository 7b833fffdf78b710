import { type Feed, type HostArray, type Named, type Readings, type RecordableStep, type Signal, unnamed } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { applyAffine } from './affine.ts';
import type { LiveGraph } from './live-graph.ts';
import { shareReadings } from './shared-readings.ts';
import { tensorsOf } from './view-feeds.ts';

/**
 * Name under which the ensemble is read and measured.
 *
 * @example
 * const key = `${ENSEMBLE}/logits`;
 */
export const ENSEMBLE = 'ensemble';

type HostReadings = Named<Named<HostArray>>;

/**
 * Reads every node, and the ensemble, in inference mode.
 *
 * @example
 * const readings = (read: Read, input: Feed): Promise<unknown> => read.eagerly({ input });
 */
export interface Read {
  /** From `input` to `<node>/<signal>`; the ensemble is a node called `'ensemble'`. */
  readonly step: RecordableStep;
  /** What the step returned, by node and signal. */
  ofFeeds(outputs: Named<Feed>): HostReadings;
  /** Runs the step operation by operation. */
  eagerly(batch: Named<Feed>): Promise<HostReadings>;
}

const grouped = (arrays: readonly (readonly [name: string, array: HostArray])[]): HostReadings => {
  const nodes: Record<string, Record<string, HostArray>> = {};
  for (const [name, array] of arrays) {
    const [node, signal] = [name.slice(0, name.indexOf('/')), name.slice(name.indexOf('/') + 1)];
    (nodes[node] ??= {})[signal] = array;
  }
  return nodes;
};

/**
 * Makes the reading of a graph.
 *
 * @param signals - what is wanted of each node that emits it; the ensemble emits what its ensembler combines
 * @example
 * declare const live: LiveGraph;
 * const { step } = createRead(live, ['logits']);
 */
export const createRead = (live: LiveGraph, signals: readonly Signal[]): Read => {
  const { ensembler, spec, models } = live.graph;
  const step: RecordableStep = ({ input }, _, within) =>
    tf.tidy(() => {
      if (input === undefined) throw new Error('internal: there is no input to read');
      const shared = shareReadings(new Set());
      const readings = new Map<string, Readings>();
      for (const [name, { network, affine }] of Object.entries(live.nodes)) {
        const wanted = [...new Set([...signals, ...(ensembler?.needs ?? [])])].filter((signal) => models[name]?.emits.includes(signal));
        readings.set(name, within(`the network of '${name}'`, () => network.read(applyAffine(input, affine), wanted, { training: false })));
      }
      if (ensembler !== null && spec.ensemble !== null) {
        const members = spec.ensemble.of.flatMap((name) => readings.get(name) ?? []);
        readings.set(ENSEMBLE, within('the ensemble', () => ensembler.combine(members, shared) as Readings));
      }
      return Object.fromEntries([...readings].flatMap(([node, emitted]) => Object.entries(emitted).map(([signal, tensor]) => [`${node}/${signal}`, tensor])));
    });
  return {
    step,
    ofFeeds: (outputs) => grouped(Object.entries(outputs).map(([name, { shape, values }]) => [name, { shape, values: values as Float32Array }])),
    eagerly: async (batch) => {
      const inputs = tensorsOf(batch);
      const tensors = Object.entries(step(inputs, {}, unnamed));
      try {
        return grouped(await Promise.all(tensors.map(async ([name, tensor]) => [name, { shape: tensor.shape, values: (await tensor.data()) as Float32Array }] as const)));
      } finally {
        for (const [, tensor] of tensors) tensor.dispose();
        tf.dispose(inputs);
      }
    },
  };
};
