import {
  type BatchContext,
  type EdgeSpec,
  type GradientFlow,
  type Gradients,
  type GradientsOf,
  type Mode,
  type Named,
  type Readings,
  type Scheduled,
  type Stage,
  type Within,
  freeTapeOnThrow,
  unnamed,
} from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { type ActiveEdge, activeEdges, signalsWanted } from './active-edges.ts';
import { EdgeFailure, edgeName } from './edge-failure.ts';
import { follow } from './follow.ts';
import type { Learner, LiveGraph, LiveNode } from './live-graph.ts';
import { must } from './must.ts';
import { naming } from './part-failure.ts';
import { addDerived } from './read-derived.ts';
import type { ScalarInputs } from './scalar-inputs.ts';
import { type SharedReadings, shareReadings } from './shared-readings.ts';
import { type Sight, createSight } from './sight.ts';
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
 * Makes the step of a stage: what the graph's program does with these primitives.
 *
 * `loss = Σ over edges  weight(t) · mean(term(readings[to], detach(readings[from])))`, one backward over the explicit list of
 * trained variables, then every node's own optimizer applies its own slice, and copies follow their originals.
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
  const inStage = signalsWanted(live, edges);
  const freezes = (name: string): boolean => (stage?.freeze ?? []).includes(name);
  const rests = (node: LiveNode): boolean => node.frozen || freezes(node.name);
  const learners = Object.values(live.learners).filter(({ name }) => inStage.has(name) && !freezes(name));

  const modeOf = (node: LiveNode, batch: Named<tf.Tensor>): Mode => {
    const count = feeds.seenBy[node.name]?.length ?? 1;
    const views = count === 1 ? {} : { views: count };
    if ((rests(node) ? node.resting : 'training') === 'inference') return { training: false, ...views };
    return { training: true, key: must(batch[`key/${node.name}`], 'key') as tf.Tensor1D, ...views };
  };

  return (batch, scalars, within = unnamed) => {
    const means: Record<string, tf.Scalar> = {};
    const scalar = (value: Scheduled | undefined, what: string): tf.Scalar => must(scalars[inputs.nameOf(must(value, what))], what);

    const meanOf = (edge: ActiveEdge, flow: GradientFlow, readings: ReadonlyMap<string, Readings>, shared: SharedReadings, sight: Sight): tf.Scalar => {
      const { spec, term } = edge;
      const to = must(readings.get(spec.to), `readings of '${spec.to}'`);
      const from = spec.from === 'labels' ? sight.labels(spec.to) : must(readings.get(spec.from), `readings of '${spec.from}'`);
      const context: BatchContext = {
        // Few terms between nodes ask for these.
        get labels() {
          return sight.labels(spec.to);
        },
        get ids() {
          return sight.ids(spec.to);
        },
        logSoftmax: shared.logSoftmax,
        parameters: (end) => {
          const parameters: Named<tf.Tensor> = must(live.nodes[spec[end]], `network of '${spec[end]}'`).network.parameters;
          const flows = flow === 'both' || flow === end;
          return flows ? parameters : (shared.detached(parameters as Readings));
        },
        scalar: (name) => scalar(term.scalars[name], `scalar '${name}' declared by '${term.name}'`),
        variable: (name) => must(live.edgeVariables[spec.id]?.[name], `variable '${name}' declared by '${term.name}'`),
      };
      const learner = flow === 'from' ? shared.detached(to) : to;
      const source = spec.from === 'labels' || flow !== 'to' ? from : shared.detached(from as Readings);
      const value = computing(spec, () => within(edgeName(spec), () => term.compute(learner, source, context)));
      return value.rank === 0 ? (value as tf.Scalar) : tf.mean(value);
    };

    const gradients = ({ edges: which = ({ phase }) => phase === undefined, parameters = () => true, part = [0, 1], flow, virtual = false }: GradientsOf = {}): Gradients => {
      const meant = edges.filter(({ spec }) => which(spec));
      if (meant.length === 0) return {};
      const wanted = signalsWanted(live, meant);
      const nodes = Object.values(live.nodes).filter(({ name }) => wanted.has(name));
      const moved = learners.map((learner): Learner => ({ ...learner, trained: Object.fromEntries(Object.entries(learner.trained).filter(([name]) => parameters(learner.name, name))) }));
      const variables = moved.flatMap(({ trained }) => Object.values(trained));
      const sight = createSight(live, feeds, batch, part);
      const read = (node: LiveNode): readonly [string, Readings] => [
        node.name,
        within(`the network of '${node.name}'`, () => node.network.read(sight.input(node.name), must(wanted.get(node.name), 'signals'), modeOf(node, batch))),
      ];
      // Outside the tape: no gradient flows into what nodes see, and a resting network's activations need not be remembered.
      for (const { name } of nodes) sight.input(name);
      const still = nodes.filter(rests).map(read);
      const shared = shareReadings(new Set(still.flatMap(([, readings]) => Object.values(readings).map(({ id }) => id))));
      const objective = (): tf.Scalar => {
        const readings = new Map<string, Readings>([...still, ...nodes.filter((node) => !rests(node)).map(read)]);
        addDerived(live, wanted.keys(), readings, {
          training: true,
          logSoftmax: shared.logSoftmax,
          input: sight.input,
          mode: (member) => modeOf(must(live.nodes[member], `network of '${member}'`), batch),
          labelsOf: sight.labels,
          keyOf: (name) => batch[`key/${name}`] as tf.Tensor1D | undefined,
          scalarOf: (declared, name, by) => scalar(declared[name] as Scheduled | undefined, `scalar '${name}' declared by '${by}'`),
        });
        const losses = meant.map((edge) => {
          const mean = meanOf(edge, flow ?? edge.spec.gradient, readings, shared, sight);
          means[edge.spec.id] ??= tf.keep(mean.clone());
          return weighted(mean, edge, () => scalar(edge.weight, 'weight'));
        });
        return tf.addN<tf.Scalar>(losses);
      };
      const before = virtual ? live.buffers.map((buffer) => buffer.clone()) : [];
      const { grads } = freeTapeOnThrow(() => tf.variableGrads(objective, variables));
      before.forEach((value, at) => must(live.buffers[at], 'buffer').assign(value));
      return Object.fromEntries(
        moved
          .filter(({ trained }) => Object.keys(trained).length > 0)
          .map(({ name, trained }) => [name, Object.fromEntries(Object.entries(trained).flatMap(([parameter, variable]) => {
            const gradient = grads[variable.name];
            return gradient === undefined ? [] : [[parameter, gradient]];
          }))]),
      );
    };

    const apply = ({ name, trained, slots }: Learner, own: Named<tf.Tensor>): void => {
      const optimizer = must(live.graph.optimizers[name], `optimizer of '${name}'`);
      const updated = naming(`the optimizer '${optimizer.name}' of '${name}'`, () => optimizer.update({
        gradients: own,
        parameters: Object.fromEntries(Object.keys(own).map((parameter) => [parameter, must(trained[parameter], `parameter '${parameter}'`)])),
        slots,
        scalar: (declared) => scalar(optimizer.scalars[declared], `scalar '${declared}' declared by '${optimizer.name}'`),
      }));
      for (const [parameter, value] of Object.entries(updated.parameters)) must(trained[parameter], `parameter '${parameter}'`).assign(value);
      for (const [slot, value] of Object.entries(updated.slots)) must(slots[slot], `slot '${slot}'`).assign(value);
    };

    const { program, optimizers } = live.graph;
    const learnerOf = (name: string): Learner => must(live.learners[name], `learner '${name}'`);
    try {
      tf.tidy(() => {
        program.step({
          learners: learners.map(({ name }) => name),
          gradients,
          apply: (all) => {
            for (const [name, own] of Object.entries(all)) within(`the optimizer of '${name}'`, () => apply(learnerOf(name), own));
          },
          parameters: (node) => learnerOf(node).trained,
          scalar: (name) => scalar(program.scalars[name], `scalar '${name}' declared by '${program.name}'`),
          // Chained optimizers put their parts' names before it: `descend/lr`.
          scalarOf: (node, name) => scalar(Object.entries(optimizers[node]?.scalars ?? {}).find(([declared]) => declared.split('/').at(-1) === name)?.[1], `scalar '${name}' of the optimizer of '${node}'`),
        });
        follow(live, (decay) => scalar(decay, 'decay'));
      });
      return means;
    } catch (error) {
      for (const mean of Object.values(means)) mean.dispose();
      throw error;
    }
  };
};
