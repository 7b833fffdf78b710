import {
  type BatchContext,
  CodistillError,
  type EdgeSpec,
  type Labels,
  type LabelKind,
  type Named,
  type Readings,
  type Scheduled,
  type Signal,
  type Stage,
  type Term,
  type Within,
  freeTapeOnThrow,
  unnamed,
} from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { applyAffine } from './affine.ts';
import type { LiveGraph, LiveNode } from './live-graph.ts';
import type { ScalarInputs } from './scalar-inputs.ts';
import { type SharedReadings, shareReadings } from './shared-readings.ts';
import { EdgeFailure, edgeName } from './edge-failure.ts';
import type { ViewFeeds } from './view-feeds.ts';

/**
 * One training step: a pure function of tensors, but for variables that existed before it. It reads no value, draws no random
 * number on the host and keeps no clock, so a backend may record it once and replay it.
 *
 * @param batch - `ids`, int32 `[batch]`, `input/<view>`, `labels/<view>/<name>`, and `key/<node>`, int32 `[2]`, fresh each step
 * @param scalars - by the names `ScalarInputs` gives
 * @param within - hears which part is computed; default nobody does
 * @returns the unweighted mean of each active edge's term, by edge id; the caller disposes them
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const run = (step: Step, batch: Named<tf.Tensor>, scalars: Named<tf.Scalar>): Named<tf.Scalar> => step(batch, scalars);
 */
export type Step = (batch: Named<tf.Tensor>, scalars: Named<tf.Scalar>, within?: Within) => Record<string, tf.Scalar>;

/**
 * An edge that holds in the present stage.
 *
 * @example
 * const name = (edge: ActiveEdge): string => edge.spec.id;
 */
export interface ActiveEdge {
  readonly spec: EdgeSpec;
  readonly term: Term;
  readonly weight: Scheduled;
}

/**
 * The edges of a graph that hold in a stage.
 */
const activeEdges = ({ graph }: LiveGraph, stage: Stage | undefined): readonly ActiveEdge[] =>
  graph.spec.edges.flatMap((spec, index) => {
    const edge = graph.edges[index];
    const holds = spec.when.length === 0 || (stage !== undefined && spec.when.includes(stage.name));
    return edge !== undefined && holds ? [{ spec, ...edge }] : [];
  });

/**
 * The signals each node must emit so that the edges can be computed, derived nodes' members included.
 */
const signalsWanted = ({ graph }: LiveGraph, edges: readonly ActiveEdge[]): ReadonlyMap<string, readonly Signal[]> => {
  const wanted = new Map<string, readonly Signal[]>();
  const want = (node: string, signals: readonly Signal[]): void => {
    wanted.set(node, [...new Set([...(wanted.get(node) ?? []), ...signals])]);
    for (const member of graph.derived[node]?.of ?? []) want(member, signals);
  };
  for (const { spec, term } of edges) {
    want(spec.to, term.needs);
    if (spec.from !== 'labels') want(spec.from, term.needs);
  }
  return wanted;
};

const must = <T>(value: T | undefined, what: string): T => {
  if (value === undefined) throw new CodistillError('INTERNAL', `internal: the step has no ${what}`);
  return value;
};

/** Whatever a term throws leaves with the name of its edge. */
const computing = (edge: EdgeSpec, compute: () => tf.Tensor): tf.Tensor => {
  try {
    return compute();
  } catch (error) {
    throw new EdgeFailure(edge, error);
  }
};

/** `weight · scale · mean`, without a multiplication by a constant 1. */
const weighted = (mean: tf.Scalar, { spec, weight }: ActiveEdge, weightNow: () => tf.Scalar): tf.Scalar => {
  const scaled = spec.scale === 1 ? mean : mean.mul<tf.Scalar>(spec.scale);
  return weight === 1 ? scaled : scaled.mul<tf.Scalar>(weightNow());
};

/**
 * Makes the step of a stage.
 *
 * `loss = Σ over edges  weight(t) · mean(term(readings[to], detach(readings[from])))`, one backward over the explicit list of
 * trained variables, then every node's own optimizer applies its own slice.
 *
 * @param live - the graph with its weights
 * @param feeds - which view each node sees
 * @param inputs - names of the scalars
 * @param stage - `undefined` where the pipeline has no stages
 * @example
 * declare const live: LiveGraph;
 * declare const feeds: ViewFeeds;
 * declare const inputs: ScalarInputs;
 * const step = createStep(live, feeds, inputs, undefined);
 */
export const createStep = (live: LiveGraph, feeds: ViewFeeds, inputs: ScalarInputs, stage: Stage | undefined): Step => {
  const edges = activeEdges(live, stage);
  const wanted = signalsWanted(live, edges);
  const rests = (node: LiveNode): boolean => node.frozen || (stage?.freeze ?? []).includes(node.name);
  const nodes = Object.values(live.nodes).filter(({ name }) => wanted.has(name));
  const resting = nodes.filter(rests);
  const learning = nodes.filter((node) => !rests(node));
  const variables = learning.flatMap(({ trained }) => Object.values(trained));

  const read = (node: LiveNode, batch: Named<tf.Tensor>, within: Within): Readings => {
    const input = must(batch[`input/${must(feeds.indexOf[node.name], 'view')}`], 'input');
    const mode = rests(node) ? ({ training: false } as const) : ({ training: true, key: must(batch[`key/${node.name}`], 'key') as tf.Tensor1D } as const);
    return within(`the network of '${node.name}'`, () => node.network.read(applyAffine(input, node.affine), must(wanted.get(node.name), 'signals'), mode));
  };

  const labelsOf = (node: string, batch: Named<tf.Tensor>): Labels<LabelKind, tf.Tensor> => {
    const prefix = `labels/${must(feeds.indexOf[node] ?? 0, 'view')}/`;
    const own = Object.entries(batch).filter(([name]) => name.startsWith(prefix));
    return Object.fromEntries(own.map(([name, tensor]) => [name.slice(prefix.length), tensor])) as Labels<LabelKind, tf.Tensor>;
  };

  /** Members before the nodes made of them. */
  const addDerived = (readings: Map<string, Readings>, shared: SharedReadings): void => {
    const add = (name: string): void => {
      const derived = live.graph.derived[name];
      if (derived === undefined || readings.has(name)) return;
      derived.of.forEach(add);
      const members = derived.of.map((member) => must(readings.get(member), `readings of '${member}'`));
      readings.set(name, derived.read(members, shared) as Readings);
    };
    for (const name of wanted.keys()) add(name);
  };

  const meanOf = (edge: ActiveEdge, batch: Named<tf.Tensor>, scalars: Named<tf.Scalar>, readings: ReadonlyMap<string, Readings>, shared: SharedReadings, within: Within): tf.Scalar => {
    const { spec, term } = edge;
    const to = must(readings.get(spec.to), `readings of '${spec.to}'`);
    const from = spec.from === 'labels' ? labelsOf(spec.to, batch) : must(readings.get(spec.from), `readings of '${spec.from}'`);
    const context: BatchContext = {
      // Few terms between nodes ask for them.
      get labels() {
        return labelsOf(spec.to, batch);
      },
      ids: must(batch['ids'], 'ids') as tf.Tensor1D,
      logSoftmax: shared.logSoftmax,
      scalar: (name) => must(scalars[inputs.nameOf(must(term.scalars[name], `scalar '${name}' declared by '${term.name}'`))], 'scalar'),
      variable: (name) => must(live.edgeVariables[spec.id]?.[name], `variable '${name}' declared by '${term.name}'`),
    };
    const learner = spec.gradient === 'from' ? shared.detached(to) : to;
    const source = spec.from === 'labels' || spec.gradient !== 'to' ? from : shared.detached(from as Readings);
    const value = computing(spec, () => within(edgeName(spec), () => term.compute(learner, source, context)));
    return value.rank === 0 ? (value as tf.Scalar) : tf.mean(value);
  };

  const apply = ({ name, trained, slots }: LiveNode, gradients: Named<tf.Tensor>, scalars: Named<tf.Scalar>): void => {
    const optimizer = must(live.graph.optimizers[name], `optimizer of '${name}'`);
    const own = Object.entries(trained).flatMap(([parameter, variable]) => {
      const gradient = gradients[variable.name];
      return gradient === undefined ? [] : [{ parameter, variable, gradient }];
    });
    const updated = optimizer.update({
      gradients: Object.fromEntries(own.map(({ parameter, gradient }) => [parameter, gradient])),
      parameters: Object.fromEntries(own.map(({ parameter, variable }) => [parameter, variable])),
      slots,
      scalar: (scalar) => must(scalars[inputs.nameOf(must(optimizer.scalars[scalar], `scalar '${scalar}' declared by '${optimizer.name}'`))], 'scalar'),
    });
    for (const [parameter, value] of Object.entries(updated.parameters)) must(trained[parameter], `parameter '${parameter}'`).assign(value);
    for (const [slot, value] of Object.entries(updated.slots)) must(slots[slot], `slot '${slot}'`).assign(value);
  };

  return (batch, scalars, within = unnamed) => {
    const means: Record<string, tf.Scalar> = {};
    try {
      tf.tidy(() => {
        // Outside the tape: a resting network's activations need not be remembered for a backward pass that never comes.
        const still = resting.map((node) => [node.name, read(node, batch, within)] as const);
        const shared = shareReadings(new Set(still.flatMap(([, readings]) => Object.values(readings).map(({ id }) => id))));
        const objective = (): tf.Scalar => {
          const readings = new Map<string, Readings>([...still, ...learning.map((node) => [node.name, read(node, batch, within)] as const)]);
          addDerived(readings, shared);
          const losses = edges.map((edge) => {
            const mean = meanOf(edge, batch, scalars, readings, shared, within);
            means[edge.spec.id] = tf.keep(mean.clone());
            return weighted(mean, edge, () => must(scalars[inputs.nameOf(edge.weight)], 'weight'));
          });
          return tf.addN<tf.Scalar>(losses);
        };
        const { grads } = freeTapeOnThrow(() => tf.variableGrads(objective, variables));
        for (const node of learning) within(`the optimizer of '${node.name}'`, () => apply(node, grads, scalars));
      });
      return means;
    } catch (error) {
      for (const mean of Object.values(means)) mean.dispose();
      throw error;
    }
  };
};
