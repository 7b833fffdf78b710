import {
  type Batch,
  CodistillError,
  type Evaluation,
  type HostArray,
  type Loader,
  type Metric,
  type Named,
  type Readings,
  type Scores,
  type Seen,
  type Signal,
  say,
} from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { applyAffine } from './affine.ts';
import type { LiveGraph } from './live-graph.ts';
import { shareReadings } from './shared-readings.ts';

/** Name under which the ensemble is read and measured. */
const ENSEMBLE = 'ensemble';

/**
 * What every node, and the ensemble, emits for a batch, in inference mode, on the host.
 *
 * @param live - the trained graph
 * @param batch - normalised by the data
 * @param signals - what is wanted of each node; the ensemble emits what its ensembler combines
 * @returns by node name, the ensemble under `'ensemble'`
 * @example
 * declare const live: LiveGraph;
 * declare const batch: Batch;
 * const { small } = await readAll(live, batch, ['logits']);
 */
export const readAll = async (live: LiveGraph, batch: Batch, signals: readonly Signal[]): Promise<Named<Named<HostArray>>> => {
  const { ensembler, spec, models } = live.graph;
  const tensors = tf.tidy(() => {
    const input = tf.tensor(batch.input.values, [...batch.input.shape], 'float32');
    const shared = shareReadings(new Set());
    const readings = new Map<string, Readings>();
    for (const [name, { network, affine }] of Object.entries(live.nodes)) {
      const wanted = [...new Set([...signals, ...(ensembler?.needs ?? [])])].filter((signal) => models[name]?.emits.includes(signal));
      readings.set(name, network.read(applyAffine(input, affine), wanted, { training: false }));
    }
    if (ensembler !== null && spec.ensemble !== null) {
      const members = spec.ensemble.of.flatMap((name) => readings.get(name) ?? []);
      readings.set(ENSEMBLE, ensembler.combine(members, shared));
    }
    return Object.fromEntries([...readings].map(([node, emitted]) => [node, { ...emitted }]));
  });
  const read = async (tensor: tf.Tensor): Promise<HostArray> => {
    const values = (await tensor.data()) as Float32Array;
    tensor.dispose();
    return { shape: tensor.shape, values };
  };
  const nodes = Object.entries(tensors).map(async ([node, emitted]) => {
    const arrays = Object.entries(emitted).map(async ([signal, tensor]): Promise<[string, HostArray]> => [signal, await read(tensor)]);
    return [node, Object.fromEntries(await Promise.all(arrays))] as const;
  });
  return Object.fromEntries(await Promise.all(nodes));
};

interface Running {
  readonly metric: Metric;
  state: unknown;
}

const begin = (metrics: readonly Metric[], classes: number): Running[] => metrics.map((metric) => ({ metric, state: metric.init(classes) }));

const finish = (running: readonly Running[]): Scores => {
  const results = running.map(({ metric, state }) => [metric.name, metric.result(state)] as const);
  return {
    numbers: Object.fromEntries(results.flatMap(([name, result]) => (typeof result === 'number' ? [[name, result]] : []))),
    tables: Object.fromEntries(results.flatMap(([name, result]) => (typeof result === 'number' ? [] : [[name, result]]))),
  };
};

const update = (running: Running[], seen: Seen): void => {
  for (const each of running) each.state = each.metric.update(each.state, seen);
};

const refuseMisfits = (live: LiveGraph, metrics: readonly Metric[]): void => {
  const { spec, models } = live.graph;
  for (const metric of metrics) {
    if (metric.labels !== spec.task.kind) {
      throw new CodistillError('METRIC_KIND', say.train.metricKind(metric.name, say.labelNoun[metric.labels], say.labelNoun[spec.task.kind]));
    }
    for (const node of Object.keys(live.nodes)) {
      const missing = metric.needs.find((signal) => !(models[node]?.emits.includes(signal) ?? false));
      if (missing !== undefined) throw new CodistillError('METRIC_SIGNAL', say.train.metricSignal(metric.name, missing, node));
    }
  }
};

/**
 * Measures every network, the ensemble and every pair of networks on a split, streaming.
 *
 * @param live - the trained graph
 * @param split - which split the loader is, for the record
 * @param loader - in a fixed order, without augmentation
 * @param metrics - of nodes and of pairs
 * @throws CodistillError `METRIC_KIND`, `METRIC_SIGNAL`
 * @example
 * declare const live: LiveGraph;
 * declare const loader: Loader;
 * const evaluation = await evaluate(live, 'test', loader, []);
 */
export const evaluate = async (live: LiveGraph, split: 'validation' | 'test', loader: Loader, metrics: readonly Metric[]): Promise<Evaluation> => {
  refuseMisfits(live, metrics);
  const classes = live.graph.spec.task.classes;
  const ofNodes = metrics.filter(({ of }) => of === 'node');
  const ofPairs = metrics.filter(({ of }) => of === 'pair');
  const names = Object.keys(live.nodes);
  const measured = live.graph.spec.ensemble === null ? names : [...names, ENSEMBLE];
  const nodes = new Map(measured.map((name) => [name, begin(ofNodes, classes)]));
  const pairs = names.flatMap((a, index) => names.slice(index + 1).map((b) => ({ a, b, running: begin(ofPairs, classes) })));
  const signals = [...new Set(metrics.flatMap(({ needs }) => needs))];

  for (let index = 0; index < loader.batches; index++) {
    const [batch] = await loader.at(index, [0, 0], [undefined]);
    if (batch === undefined) throw new CodistillError('INTERNAL', 'internal: the loader returned no batch');
    const readings = await readAll(live, batch, signals);
    const seen = (node: string, other?: string): Seen => ({
      ids: batch.ids,
      labels: batch.labels,
      readings: readings[node] ?? {},
      other: other === undefined ? {} : (readings[other] ?? {}),
    });
    for (const [name, running] of nodes) update(running, seen(name));
    for (const { a, b, running } of pairs) update(running, seen(a, b));
  }

  const ensemble = nodes.get(ENSEMBLE);
  return {
    split,
    examples: loader.examples,
    nodes: Object.fromEntries(names.map((name) => [name, finish(nodes.get(name) ?? [])])),
    ...(live.graph.spec.ensemble === null || ensemble === undefined ? {} : { ensemble: finish(ensemble) }),
    pairs: ofPairs.length === 0 ? {} : Object.fromEntries(pairs.map(({ a, b, running }) => [`${a}~${b}`, finish(running)])),
  };
};
