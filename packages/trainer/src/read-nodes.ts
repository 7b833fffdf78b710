import { type Feed, type Graph, type HostArray, type LabelKind, type Labels, type Named, type Readings, type RecordableStep, type Signal, readsOf, unnamed } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { applyAffine } from './affine.ts';
import type { LiveGraph } from './live-graph.ts';
import { must } from './must.ts';
import { naming } from './part-failure.ts';
import { addDerived } from './read-derived.ts';
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
 * Reads every node, and the ensemble, in inference mode; but no node that is made of labels.
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
 * The derived nodes that can be read outside of training: those which read no labels, nor does a node they are made of.
 *
 * @example
 * declare const graph: Graph;
 * const names = derivedOutside(graph);
 */
export const derivedOutside = ({ derived }: Pick<Graph, 'derived'>): readonly string[] => {
  const reads = (name: string): boolean => derived[name]?.labels !== undefined || (derived[name]?.of ?? []).some(reads);
  return Object.keys(derived).filter((name) => !reads(name));
};

/**
 * Makes the reading of a graph.
 *
 * @param signals - what is wanted of each node that emits it
 * @example
 * declare const live: LiveGraph;
 * const { step } = createRead(live, ['logits']);
 */
export const createRead = (live: LiveGraph, signals: readonly Signal[]): Read => {
  const { ensembler, spec, models, derived } = live.graph;
  const outside = derivedOutside(live.graph);
  const wanted = (name: string): readonly Signal[] => {
    const all = [...signals, ...(ensembler?.needs ?? []), ...outside.flatMap((node) => (derived[node]?.of.includes(name) === true ? readsOf(derived[node], name) : []))];
    return [...new Set(all)].filter((signal) => models[name]?.emits.includes(signal));
  };
  const step: RecordableStep = ({ input }, _, within) =>
    tf.tidy(() => {
      if (input === undefined) throw new Error('internal: there is no input to read');
      const shared = shareReadings(new Set());
      const readings = new Map<string, Readings>();
      const seen = (node: string): tf.Tensor => applyAffine(input, live.nodes[node]?.affine ?? null);
      for (const [name, { network }] of Object.entries(live.nodes)) {
        readings.set(name, within(`the network of '${name}'`, () => network.read(seen(name), wanted(name), { training: false })));
      }
      addDerived(live, outside, readings, {
        training: false,
        logSoftmax: shared.logSoftmax,
        input: seen,
        mode: () => ({ training: false }),
        labelsOf: () => must<Labels<LabelKind, tf.Tensor>>(undefined, 'labels outside of training'),
        keyOf: () => undefined,
        scalarOf: (_, name, by) => must<tf.Scalar>(undefined, `scalar '${name}' of '${by}' outside of training`),
      });
      if (ensembler !== null && spec.ensemble !== null) {
        const members = spec.ensemble.of.flatMap((name) => readings.get(name) ?? []);
        readings.set(ENSEMBLE, within('the ensemble', () => naming(`the ensembler '${ensembler.name}'`, () => ensembler.combine(members, shared) as Readings)));
      }
      const asked = (emitted: Readings): readonly (readonly [string, tf.Tensor])[] => Object.entries(emitted).filter(([signal]) => signals.includes(signal as Signal));
      return Object.fromEntries([...readings].flatMap(([node, emitted]) => asked(emitted).map(([signal, tensor]) => [`${node}/${signal}`, tensor])));
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
