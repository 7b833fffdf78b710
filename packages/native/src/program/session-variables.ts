import * as tf from '@tensorflow/tfjs';
import { type NodeDef, encodeGraph, nodeOf, shapeOf } from '../graph/graph-def.ts';
import { DTYPE, type NativeTensor, type Session } from '../session/session.ts';
import { declaration, typeOf } from '../trace/variable-nodes.ts';
import type { TraceState } from '../trace/trace.ts';

interface Known {
  readonly state: TraceState;
  /** Prefix under which the nodes that read and write it from outside are. */
  readonly prefix: string;
}

/**
 * The variables of a session, and the way between them and tfjs's.
 *
 * @example
 * const sync = (variables: SessionVariables): Promise<void> => variables.pull();
 */
export class SessionVariables {
  readonly #session: Session;
  readonly #known = new Map<string, Known>();
  #pulling: number | undefined;

  /** @param session - without variables yet */
  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * Makes a step's variables that are not there yet, with the values tfjs has now.
   *
   * @param prefix - new in the session's graph
   */
  add(states: readonly TraceState[], prefix: string): void {
    const fresh = states.filter(({ node }) => !this.#known.has(node));
    if (fresh.length === 0) return;
    const nodes = fresh.flatMap(({ variable, node, device }): NodeDef[] => {
      const dtype = { type: DTYPE[typeOf(variable)] };
      return [
        declaration(variable, node, device),
        nodeOf(`${node}/value`, 'Placeholder', [], { dtype, shape: { shape: shapeOf(variable.shape) } }),
        nodeOf(`${node}/push`, 'AssignVariableOp', [node, `${node}/value`], { dtype }, device),
        nodeOf(`${node}/pull`, 'ReadVariableOp', [node], { dtype }, device),
      ];
    });
    this.#session.importGraph(encodeGraph(nodes), prefix);
    for (const state of fresh) this.#known.set(state.node, { state, prefix });
    this.#pulling = undefined;
    this.#push(fresh.map(({ node }) => node));
  }

  /** tfjs's values into the session. */
  push(): void {
    this.#push([...this.#known.keys()]);
  }

  /** The session's values into tfjs. Variables that were disposed meanwhile are passed over. */
  async pull(): Promise<void> {
    const all = [...this.#known.values()];
    if (all.length === 0) return;
    this.#pulling ??= this.#session.plan([], all.map(({ state, prefix }) => `${prefix}/${state.node}/pull:0`), []);
    const values = await this.#session.runAsync(this.#pulling, []);
    all.forEach(({ state: { variable } }, index) => {
      const value = values[index];
      if (value === undefined || variable.isDisposed) return;
      tf.tidy(() => variable.assign(tf.tensor(value.data as Float32Array, variable.shape, typeOf(variable))));
    });
  }

  #push(nodes: readonly string[]): void {
    const present = nodes.flatMap((node) => this.#known.get(node) ?? []).filter(({ state }) => !state.variable.isDisposed);
    if (present.length === 0) return;
    const name = ({ state, prefix }: Known): string => `${prefix}/${state.node}`;
    const plan = this.#session.plan(present.map((known) => `${name(known)}/value:0`), [], present.map((known) => `${name(known)}/push`));
    this.#session.run(
      plan,
      present.map(({ state: { variable } }): NativeTensor => ({ dtype: DTYPE[typeOf(variable)], shape: variable.shape, data: variable.dataSync() })),
    );
  }
}
