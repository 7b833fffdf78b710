import {
  CodistillError,
  type EdgeSpec,
  type Ends,
  type Graph,
  type HostArray,
  type Key,
  type Named,
  type Network,
  type Signal,
  type TermState,
  fold,
  say,
} from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { type Affine, affineOf } from './affine.ts';
import { edgeName } from './edge-failure.ts';

/**
 * A node that owns weights.
 *
 * @example
 * const learns = (node: LiveNode): boolean => !node.frozen;
 */
export interface LiveNode {
  readonly name: string;
  readonly network: Network;
  readonly frozen: boolean;
  /** From the data's normalisation to the model's own; `null` where they agree. */
  readonly affine: Affine | null;
  /** What its optimizer trains: the network's parameters, and those of terms on edges that end here. */
  readonly trained: Named<tf.Variable>;
  /** Its optimizer's slots. */
  readonly slots: Named<tf.Variable>;
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
  /** Variables of each edge's term, by edge id. */
  readonly edgeVariables: Named<Named<tf.Variable>>;
  /** All variables under the names checkpoints use, in a fixed order. */
  readonly variables: Named<tf.Variable>;
  dispose(): void;
}

const variable = (array: HostArray, trainable: boolean): tf.Variable =>
  tf.tidy(() => tf.variable(tf.tensor(array.values, [...array.shape], 'float32'), trainable));

const prefixed = <T>(prefix: string, values: Named<T>): [string, T][] => Object.entries(values).map(([name, value]) => [`${prefix}/${name}`, value]);

/** Shapes of the readings each edge needs, from a forward pass on one blank example. */
const endsOf = (graph: Graph, networks: Named<Network>): ((edge: EdgeSpec) => Ends) => {
  const shapes = new Map<string, Partial<Record<Signal, readonly number[]>>>();
  const shapesOf = (node: string): Partial<Record<Signal, readonly number[]>> => {
    const known = shapes.get(node);
    if (known !== undefined) return known;
    const derived = graph.derived[node];
    const network = networks[node];
    const model = graph.models[node];
    // A derived node combines readings of one form, so it has its first member's shapes.
    const found =
      network === undefined || model === undefined
        ? shapesOf(derived?.of[0] ?? '')
        : tf.tidy(() => {
            const readings = network.read(tf.zeros([1, ...graph.data.input]), model.emits, { training: false });
            return Object.fromEntries(Object.entries(readings).map(([signal, tensor]) => [signal, tensor.shape]));
          });
    shapes.set(node, found);
    return found;
  };
  return ({ from, to }) => ({ to: shapesOf(to), from: from === 'labels' ? {} : shapesOf(from) });
};

/** A term does not know between which nodes it stands: the edge's name is put before what it says. */
const named = (spec: EdgeSpec, make: () => TermState | undefined): TermState => {
  try {
    return make() ?? { parameters: {}, buffers: {} };
  } catch (error) {
    if (!(error instanceof CodistillError)) throw error;
    throw new CodistillError(error.code, `${edgeName(spec)}: ${error.message}`, { cause: error });
  }
};

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
 * Builds networks, term states and optimizer slots from one key.
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
  try {
    const networks = Object.fromEntries(
      Object.entries(graph.models).map(([name, model]) => [name, keep(model.build(site, fold(key, 'init', name)))]),
    );
    const ends = endsOf(graph, networks);
    const states = graph.spec.edges.map((spec, index) => {
      const { id, to } = spec;
      const state = stateOf(graph, spec, () => graph.edges[index]?.term.state?.(ends(spec), fold(key, 'init', id)));
      return {
        id,
        to,
        parameters: Object.fromEntries(Object.entries(state.parameters).map(([name, array]) => [name, keep(variable(array, true))])),
        buffers: Object.fromEntries(Object.entries(state.buffers).map(([name, array]) => [name, keep(variable(array, false))])),
      };
    });

    const nodes: Record<string, LiveNode> = {};
    for (const [name, network] of Object.entries(networks)) {
      const frozen = graph.spec.nodes.some((node) => node.name === name && node.frozen);
      const trained = Object.fromEntries([
        ...Object.entries(network.parameters),
        ...states.filter((state) => state.to === name).flatMap((state) => prefixed(state.id, state.parameters)),
      ]);
      const optimizer = frozen ? undefined : graph.optimizers[name];
      const slots = optimizer?.init(Object.fromEntries(Object.entries(trained).map(([parameter, { shape }]) => [parameter, shape]))) ?? {};
      nodes[name] = {
        name,
        network,
        frozen,
        affine: affineOf(graph.data.normalisation, graph.models[name]?.normalisation ?? null),
        trained: frozen ? {} : trained,
        slots: Object.fromEntries(Object.entries(slots).map(([slot, array]) => [slot, keep(variable(array, false))])),
      };
    }
    return {
      graph,
      nodes,
      edgeVariables: Object.fromEntries(states.map(({ id, parameters, buffers }) => [id, { ...parameters, ...buffers }])),
      variables: Object.fromEntries([
        ...Object.values(nodes).flatMap(({ name, network, slots }) => [
          ...prefixed(`node/${name}/parameter`, network.parameters),
          ...prefixed(`node/${name}/buffer`, network.buffers),
          ...prefixed(`node/${name}/slot`, slots),
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
