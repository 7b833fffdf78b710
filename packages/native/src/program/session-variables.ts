import * as tf from '@tensorflow/tfjs';
import { type NodeDef, encodeGraph, nodeOf, shapeOf } from '../graph/graph-def.ts';
import { DTYPE, type NativeTensor, type Session } from '../session/session.ts';
import { type FlatVariable, flatDeclaration, flatVariables } from '../trace/flat-variables.ts';
import { declaration, typeOf } from '../trace/variable-nodes.ts';
import type { Trace, TraceState } from '../trace/trace.ts';

/** A variable of the session, and those of tfjs that lie in it end to end. */
interface Known {
  readonly node: string;
  readonly members: readonly TraceState[];
  /** Prefix under which the nodes that read and write it from outside are. */
  readonly prefix: string;
}

const nodesOf = (declared: NodeDef): readonly NodeDef[] => {
  const { name, device, attr } = declared;
  const dtype = { dtype: attr['dtype'] ?? {} };
  return [
    declared,
    nodeOf(`${name}/value`, 'Placeholder', [], { ...dtype, shape: attr['shape'] ?? { shape: shapeOf([]) } }),
    nodeOf(`${name}/push`, 'AssignVariableOp', [name, `${name}/value`], dtype, device),
    nodeOf(`${name}/pull`, 'ReadVariableOp', [name], dtype, device),
  ];
};

/** What is fed to the variable of the session; of one of tfjs's that was disposed, which nobody reads any more, zeros. */
const feedOf = (members: readonly TraceState[]): NativeTensor => {
  const tensors = members.map(({ variable }): NativeTensor => ({
    dtype: DTYPE[typeOf(variable)],
    shape: variable.shape,
    data: variable.isDisposed ? new Float32Array(variable.size) : variable.dataSync(),
  }));
  const [first, ...others] = tensors;
  if (first !== undefined && others.length === 0) return first;
  const data = Float32Array.from(tensors.flatMap((tensor) => [...(tensor.data as Float32Array)]));
  return { dtype: DTYPE.float32, shape: [data.length], data };
};

/**
 * The variables of a session, and the way between them and tfjs's.
 *
 * @example
 * const sync = (variables: SessionVariables): Promise<void> => variables.pull();
 */
export class SessionVariables {
  readonly #session: Session;
  readonly #known: Known[] = [];
  readonly #flats: FlatVariable[] = [];
  #pulling: number | undefined;

  /** @param session - without variables yet */
  constructor(session: Session) {
    this.#session = session;
  }

  /** Those that hold several of tfjs's. */
  get flats(): readonly FlatVariable[] {
    return this.#flats;
  }

  /**
   * Makes a step's variables that are not there yet, with the values tfjs has now.
   *
   * @param prefix - new in the session's graph
   */
  add(trace: Trace, prefix: string): void {
    const there = new Set(this.#known.flatMap(({ members }) => members.map(({ node }) => node)));
    const fresh = trace.states.filter(({ node }) => !there.has(node));
    if (fresh.length === 0) return;
    const flats = flatVariables(trace, fresh);
    const inFlats = new Set(flats.flatMap(({ members }) => members));
    const alone = fresh.filter((state) => !inFlats.has(state));
    const known = [...flats, ...alone.map((state) => ({ node: state.node, members: [state] }))].map(({ node, members }): Known => ({ node, members, prefix }));
    const declared = [...flats.map(flatDeclaration), ...alone.map(({ variable, node, device }) => declaration(variable, node, device))];
    this.#session.importGraph(encodeGraph(declared.flatMap(nodesOf)), prefix);
    this.#known.push(...known);
    this.#flats.push(...flats);
    this.#pulling = undefined;
    this.#push(known);
  }

  /** tfjs's values into the session. */
  push(): void {
    this.#push(this.#known);
  }

  /** The session's values into tfjs. Variables that were disposed meanwhile are passed over. */
  async pull(): Promise<void> {
    if (this.#known.length === 0) return;
    this.#pulling ??= this.#session.plan([], this.#known.map(({ node, prefix }) => `${prefix}/${node}/pull:0`), []);
    const values = await this.#session.runAsync(this.#pulling, []);
    this.#known.forEach(({ members }, index) => {
      const data = values[index]?.data as Float32Array | undefined;
      let from = 0;
      for (const { variable } of members) {
        const own = data?.subarray(from, (from += variable.size));
        if (own !== undefined && !variable.isDisposed) tf.tidy(() => variable.assign(tf.tensor(own, variable.shape, typeOf(variable))));
      }
    });
  }

  #push(known: readonly Known[]): void {
    const present = known.filter(({ members }) => members.some(({ variable }) => !variable.isDisposed));
    if (present.length === 0) return;
    const name = ({ node, prefix }: Known): string => `${prefix}/${node}`;
    const plan = this.#session.plan(present.map((each) => `${name(each)}/value:0`), [], present.map((each) => `${name(each)}/push`));
    this.#session.run(plan, present.map(({ members }) => feedOf(members)));
  }
}
