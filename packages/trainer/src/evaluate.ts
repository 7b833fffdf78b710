import {
  CodistillError,
  type Evaluation,
  type Loader,
  type Metric,
  type Scores,
  type Seen,
  say,
} from '@codistill/core';
import type { Execution } from './execution.ts';
import type { LiveGraph } from './live-graph.ts';
import { naming } from './part-failure.ts';
import { derivedOutside, ENSEMBLE } from './read-nodes.ts';

interface Running {
  readonly metric: Metric;
  state: unknown;
}

const called = ({ name }: Metric): string => `the metric '${name}'`;

const begin = (metrics: readonly Metric[], classes: number): Running[] => metrics.map((metric) => ({ metric, state: naming(called(metric), () => metric.init(classes)) }));

const finish = (running: readonly Running[]): Scores => {
  const results = running.map(({ metric, state }) => [metric.name, naming(called(metric), () => metric.result(state))] as const);
  return {
    numbers: Object.fromEntries(results.flatMap(([name, result]) => (typeof result === 'number' ? [[name, result]] : []))),
    tables: Object.fromEntries(results.flatMap(([name, result]) => (typeof result === 'number' ? [] : [[name, result]]))),
  };
};

const update = (running: Running[], seen: Seen): void => {
  for (const each of running) each.state = naming(called(each.metric), () => each.metric.update(each.state, seen));
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
 * Measures every network, derived nodes that exist outside of training, the ensemble, and every pair of networks on a split, streaming.
 *
 * @param live - the trained graph
 * @param execution - how it is run
 * @param split - which split the loader is, for the record
 * @param loader - in a fixed order, without augmentation
 * @param metrics - of nodes and of pairs
 * @throws CodistillError `METRIC_KIND`, `METRIC_SIGNAL`
 * @example
 * declare const live: LiveGraph;
 * declare const execution: Execution;
 * declare const loader: Loader;
 * const evaluation = await evaluate(live, execution, 'test', loader, []);
 */
export const evaluate = async (
  live: LiveGraph,
  execution: Execution,
  split: 'validation' | 'test',
  loader: Loader,
  metrics: readonly Metric[],
): Promise<Evaluation> => {
  refuseMisfits(live, metrics);
  const classes = live.graph.spec.task.classes;
  const ofNodes = metrics.filter(({ of }) => of === 'node');
  const ofPairs = metrics.filter(({ of }) => of === 'pair');
  const names = Object.keys(live.nodes);
  const outside = derivedOutside(live.graph).filter((name) => ofNodes.every(({ needs }) => needs.every((signal) => live.graph.derived[name]?.emits.includes(signal))));
  const measured = [...names, ...outside, ...(live.graph.spec.ensemble === null ? [] : [ENSEMBLE])];
  const nodes = new Map(measured.map((name) => [name, begin(ofNodes, classes)]));
  const pairs = names.flatMap((a, index) => names.slice(index + 1).map((b) => ({ a, b, running: begin(ofPairs, classes) })));
  const signals = [...new Set(metrics.flatMap(({ needs }) => needs))];

  for (let index = 0; index < loader.batches; index++) {
    const [batch] = await loader.at(index, [0, 0], [undefined]);
    if (batch === undefined) throw new CodistillError('INTERNAL', 'internal: the loader returned no batch');
    const readings = await execution.read(batch, signals);
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
    nodes: Object.fromEntries([...names, ...outside].map((name) => [name, finish(nodes.get(name) ?? [])])),
    ...(live.graph.spec.ensemble === null || ensemble === undefined ? {} : { ensemble: finish(ensemble) }),
    pairs: ofPairs.length === 0 ? {} : Object.fromEntries(pairs.map(({ a, b, running }) => [`${a}~${b}`, finish(running)])),
  };
};
