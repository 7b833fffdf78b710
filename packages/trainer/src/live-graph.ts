import {
  CodistillError,
  type EdgeSpec,
  type Graph,
  type HostArray,
  type Key,
  type Named,
  type Network,
  type TermState,
  fold,
  say,
} from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { type Affine, affineOf } from './affine.ts';
import { type Shapes, derivedShapes, shapesOf } from './derived-shapes.ts';
import { edgeName } from './edge-failure.ts';

/**
 * What an optimizer moves.
 *
 * @example
 * const count = (learner: Learner): number => Object.keys(learner.trained).length;
 */
export interface Learner {
  readonly name: string;
  /** The node's own parameters, and those of terms on edges that end there. */
  readonly trained: Named<tf.Variable>;
  /** Its optimizer's slots. */
  readonly slots: Named<tf.Variable>;
}

/**
 * A node with a network.
 *
 * @example
 * const learns = (node: LiveNode): boolean => !node.frozen;
 */
export interface LiveNode {
  readonly name: string;
  readonly network: Network;
  readonly frozen: boolean;
  /** How it is read in a training step while it does not learn. */
  readonly resting: 'training' | 'inference';
  /** From the data's normalisation to the model's own; `null` where they agree. */
  readonly affine: Affine | null;
}

/**
 * A graph with weights: every variable that training moves.
 *
 * @example
 * const nodesOf = (live: LiveGraph): readonly string[] => Object.keys(live.nodes);
 */
export interface LiveGraph {
  readonly graph: Graph;
  readonly nodes: Named<LiveNode>;
  /** What derived nodes own, parameters and buffers, by node name. */
  readonly derived: Named<{ readonly variables: Named<tf.Variable> }>;
  /** All that have an optimizer, by node name, in the order of the graph. */
  readonly learners: Named<Learner>;
  /** Variables of each edge's term, by edge id. */
  readonly edgeVariables: Named<Named<tf.Variable>>;
  /** What is moved without a gradient, of networks, derived nodes and terms. */
  readonly buffers: readonly tf.Variable[];
  /** All variables under the names checkpoints use, in a fixed order. */
  readonly variables: Named<tf.Variable>;
  dispose(): void;
}

const variable = (array: HostArray, trainable: boolean): tf.Variable =>
  tf.tidy(() => tf.variable(tf.tensor(array.values, [...array.shape], 'float32'), trainable));

const prefixed = <T>(prefix: string, values: Named<T>): [string, T][] => Object.entries(values).map(([name, value]) => [`${prefix}/${name}`, value]);

/** A term does not know between which nodes it stands: the edge's name is put before what it says. */
const named = (spec: EdgeSpec, make: () => TermState | undefined): TermState => {
  try {
    return make() ?? NOTHING;
  } catch (error) {
    if (!(error instanceof CodistillError)) throw error;
    throw new CodistillError(error.code, `${edgeName(spec)}: ${error.message}`, { cause: error });
  }
};

const NOTHING: TermState = { parameters: {}, buffers: {} };

/** What a term owns learns with the node its edge ends at: with an optimizer of nobody it would stay as it began. */
const stateOf = (graph: Graph, spec: EdgeSpec, make: () => TermState | undefined): TermState => {
  const state = named(spec, make);
  if (Object.keys(state.parameters).length > 0 && graph.optimizers[spec.to] === undefined) {
    const why = graph.derived[spec.to] === undefined ? 'frozen' : 'derived';
    throw new CodistillError('TERM_UNTRAINED', say.train.termUntrained(edgeName(spec), spec.to, why));
  }
  return state;
};

/**
 * Builds networks, what derived nodes and terms own, and optimizer slots, from one key.
 *
 * @param graph - the composed graph
 * @param key - same key, same weights
 * @throws CodistillError `TERM_UNTRAINED`; from a term whose ends do not fit; whatever a model's `build` throws
 * @example
 * declare const graph: Graph;
 * const live = buildGraph(graph, [0, 7]);
 * live.dispose();
 */
export const buildGraph = (graph: Graph, key: Key): LiveGraph => {
  const site = { input: graph.data.input, classes: graph.spec.task.classes };
  const made: { dispose(): void }[] = [];
  const keep = <T extends { dispose(): void }>(value: T): T => {
    made.push(value);
    return value;
  };
  const kept = (arrays: Named<HostArray>, trainable: boolean): Named<tf.Variable> =>
    Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, keep(variable(array, trainable))]));
  try {
    const nodes: Record<string, LiveNode> = {};
    for (const [name, model] of Object.entries(graph.models)) {
      const copy = graph.copies[name];
      nodes[name] = {
        name,
        // A copy begins with the weights of its original.
        network: keep(model.build(site, fold(key, 'init', copy?.of[0] ?? name))),
        frozen: graph.spec.nodes.some((node) => node.name === name && node.frozen),
        resting: copy?.mode ?? 'inference',
        affine: affineOf(graph.data.normalisation, model.normalisation),
      };
    }

    // Shapes of everything that is emitted, from a pass on one blank example.
    const blank = keep(tf.zeros([1, ...graph.data.input]));
    const shapes: Record<string, Shapes> = {};
    for (const { name, network } of Object.values(nodes)) {
      tf.tidy(() => {
        shapes[name] = shapesOf(network.read(blank, graph.models[name]?.emits ?? [], { training: false }));
      });
    }
    const derived: Record<string, { readonly parameters: Named<tf.Variable>; readonly buffers: Named<tf.Variable>; readonly variables: Named<tf.Variable> }> = {};
    for (const [name, node] of Object.entries(graph.derived)) {
      const state = node.state?.(node.of.map((member) => shapes[member] ?? {}), fold(key, 'init', name), site.classes) ?? NOTHING;
      const [parameters, buffers] = [kept(state.parameters, true), kept(state.buffers, false)];
      derived[name] = { parameters, buffers, variables: { ...parameters, ...buffers } };
      shapes[name] = derivedShapes({ graph, nodes, derived }, name, blank, shapes);
    }

    const states = graph.spec.edges.map((spec, index) => {
      const { id, from, to } = spec;
      const ends = { to: shapes[to] ?? {}, from: from === 'labels' ? {} : (shapes[from] ?? {}) };
      const state = stateOf(graph, spec, () => graph.edges[index]?.term.state?.(ends, fold(key, 'init', id)));
      return { id, to, parameters: kept(state.parameters, true), buffers: kept(state.buffers, false) };
    });

    const own = [...Object.values(nodes).map(({ name, network }) => ({ name, ...network })), ...Object.entries(derived).map(([name, each]) => ({ name, ...each }))];
    const learners: Record<string, Learner> = {};
    for (const { name, parameters } of own) {
      const optimizer = graph.optimizers[name];
      if (optimizer === undefined || nodes[name]?.frozen === true) continue;
      const trained = Object.fromEntries([...Object.entries(parameters), ...states.filter(({ to }) => to === name).flatMap((state) => prefixed(state.id, state.parameters))]);
      const slots = optimizer.init(Object.fromEntries(Object.entries(trained).map(([parameter, { shape }]) => [parameter, shape])));
      learners[name] = { name, trained, slots: kept(slots, false) };
    }
    return {
      graph,
      nodes,
      derived,
      learners,
      buffers: [...own, ...states].flatMap(({ buffers }) => Object.values(buffers)),
      edgeVariables: Object.fromEntries(states.map(({ id, parameters, buffers }) => [id, { ...parameters, ...buffers }])),
      variables: Object.fromEntries([
        ...own.flatMap(({ name, parameters, buffers }) => [
          ...prefixed(`node/${name}/parameter`, parameters),
          ...prefixed(`node/${name}/buffer`, buffers),
          ...prefixed(`node/${name}/slot`, learners[name]?.slots ?? {}),
        ]),
        ...states.flatMap(({ id, parameters, buffers }) => [...prefixed(`edge/${id}/parameter`, parameters), ...prefixed(`edge/${id}/buffer`, buffers)]),
      ]),
      dispose: () => {
        for (const value of made) value.dispose();
      },
    };
  } catch (error) {
    for (const value of made) value.dispose();
    throw error;
  }
};
