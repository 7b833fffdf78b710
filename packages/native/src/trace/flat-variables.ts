import { type NodeDef, nodeOf, shapeOf } from '../graph/graph-def.ts';
import { isElementwise, numberOf, vectorise } from './vectorise.ts';
import type { Trace, TraceState } from './trace.ts';
import { STEP, typeOf } from './variable-nodes.ts';

/** Elements above which a variable's kernels take longer than to start them, so that it gains nothing from company. */
const MOST_ELEMENTS = 2 ** 14;

/** How deep a formula is looked into. */
const DEPTH = 12;

/**
 * Small variables that lie end to end in one of the session, since the same formula updates them.
 *
 * @example
 * const count = (flat: FlatVariable): number => flat.members.length;
 */
export interface FlatVariable {
  /** Name of its node, and its shared name in the session. */
  readonly node: string;
  readonly device: string;
  readonly members: readonly TraceState[];
}

const valuesOf = (trace: Trace): ReadonlyMap<string, string> =>
  new Map(trace.nodes.flatMap(({ op, input: [variable = '', value = ''] }): [string, string][] => (op === 'AssignVariableOp' ? [[variable, value]] : [])));

/** What a variable becomes: a formula, the same for variables that can be updated as one, and the other variables in it. */
interface Update {
  readonly state: TraceState;
  readonly formula: string;
  readonly others: readonly string[];
}

const updatesOf = (trace: Trace): ((state: TraceState) => Update) => {
  const byName = new Map(trace.nodes.map((node) => [node.name, node]));
  const values = valuesOf(trace);
  return (state) => {
    const others: string[] = [];
    const formula = (ref: string, depth: number): string => {
      const node = byName.get(ref);
      if (ref === `${state.node}/read`) return 'own';
      if (node?.op === 'ReadVariableOp') return `other${others.push(...node.input)}`;
      if (trace.shapes.get(ref)?.length === 0) return numberOf(node) === undefined ? ref : 'number';
      return isElementwise(node) && depth > 0 ? `${node.op}(${node.input.map((input) => formula(input, depth - 1)).join()})` : 'leaf';
    };
    return { state, formula: formula(values.get(state.node) ?? '', DEPTH), others };
  };
};

/**
 * Sorts what is updated so that a parameter and its slots are at the same place, each among its like: by the first variable that
 * their updates have to do with.
 */
const inStep = (updates: readonly Update[]): readonly Update[] => {
  const first = new Map(updates.map(({ state: { node, variable } }) => [node, variable.id]));
  const firstOf = (node: string): number => first.get(node) ?? Infinity;
  for (let changed = true; changed; ) {
    changed = false;
    for (const { state, others } of updates) {
      const related = [state.node, ...others];
      const least = Math.min(...related.map(firstOf));
      for (const node of related) {
        if (firstOf(node) === least || !first.has(node)) continue;
        first.set(node, least);
        changed = true;
      }
    }
  }
  return updates.toSorted((a, b) => firstOf(a.state.node) - firstOf(b.state.node) || a.state.variable.id - b.state.variable.id);
};

/**
 * Which variables of a step may lie end to end: float32, small, on one device, written by the step, and by the same formula.
 *
 * @param fresh - of the step's, those that are nowhere yet
 * @example
 * declare const trace: Trace;
 * const flats = flatVariables(trace, trace.states);
 */
export const flatVariables = (trace: Trace, fresh: readonly TraceState[]): readonly FlatVariable[] => {
  const updateOf = updatesOf(trace);
  const groups = new Map<string, TraceState[]>();
  const small = fresh.filter(({ written, variable }) => written && typeOf(variable) === 'float32' && variable.size <= MOST_ELEMENTS);
  for (const { state, formula } of inStep(small.map(updateOf))) {
    const key = `${state.device} ${formula}`;
    groups.set(key, [...(groups.get(key) ?? []), state]);
  }
  return [...groups.values()].flatMap((members): FlatVariable[] => {
    const [first] = members;
    return first === undefined || members.length < 2 ? [] : [{ node: `flat_${first.node}`, device: first.device, members }];
  });
};

const FLOAT = { type: 1 };
const INT = { type: 3 };

const integers = (name: string, values: readonly number[], shape: readonly number[]): NodeDef =>
  nodeOf(name, 'Const', [], { dtype: INT, value: { tensor: { dtype: INT.type, tensorShape: shapeOf(shape), tensorContent: new Uint8Array(Int32Array.from(values).buffer) } } });

const totalOf = ({ members }: FlatVariable): number => members.reduce((sum, { variable }) => sum + variable.size, 0);

/**
 * The node that stands for a flat variable.
 *
 * @example
 * declare const flat: FlatVariable;
 * const node = flatDeclaration(flat);
 */
export const flatDeclaration = (flat: FlatVariable): NodeDef =>
  nodeOf(flat.node, 'VarHandleOp', [], { dtype: FLOAT, shape: { shape: shapeOf([totalOf(flat)]) }, shared_name: { s: new TextEncoder().encode(flat.node) }, container: { s: new Uint8Array() } }, flat.device);

/** What reads a flat variable, and hands its members out under the names of their own reads; those of one axis as they are cut. */
const reading = (flat: FlatVariable): { readonly nodes: readonly NodeDef[]; readonly renamed: readonly (readonly [string, string])[] } => {
  const { node, device, members } = flat;
  const parts = members.map(({ node: member, variable }, at) => ({ read: `${member}/read`, shape: variable.shape, part: at === 0 ? `${node}/parts` : `${node}/parts:${at}` }));
  return {
    nodes: [
      flatDeclaration(flat),
      nodeOf(`${node}/read`, 'ReadVariableOp', [node], { dtype: FLOAT }, device),
      integers(`${node}/sizes`, members.map(({ variable }) => variable.size), [members.length]),
      integers(`${node}/axis`, [0], []),
      nodeOf(`${node}/parts`, 'SplitV', [`${node}/read`, `${node}/sizes`, `${node}/axis`], { num_split: { i: members.length }, T: FLOAT, Tlen: INT }, device),
      ...parts.flatMap(({ read, shape, part }) =>
        shape.length === 1 ? [] : [integers(`${read}/shape`, shape, [shape.length]), nodeOf(read, 'Reshape', [part, `${read}/shape`], { T: FLOAT, Tshape: INT }, device)],
      ),
    ],
    renamed: parts.flatMap(({ read, shape, part }) => (shape.length === 1 ? [[read, part] as const] : [])),
  };
};

/** What is needed of a graph, backwards from its end and its outputs. */
const needed = (nodes: readonly NodeDef[], { outputs, inputs }: Trace): readonly NodeDef[] => {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const seen = new Set<string>(inputs.map(({ node }) => node));
  const open = [STEP, ...outputs.map(({ ref }) => ref)];
  for (let ref = open.pop(); ref !== undefined; ref = open.pop()) {
    const name = ref.replace(/^\^|:\d+$/g, '');
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...(byName.get(name)?.input ?? []));
  }
  return nodes.filter(({ name }) => seen.has(name));
};

/**
 * Reads and writes variables where they lie end to end: a step updates them all at once, to the same bits. It takes a few nodes
 * where each variable took ten.
 *
 * @param flats - of the session
 * @returns the same step
 * @example
 * declare const trace: Trace;
 * const leaner = flatten(trace, flatVariables(trace, trace.states));
 */
export const flatten = (trace: Trace, flats: readonly FlatVariable[]): Trace => {
  const own = new Set(trace.states.map(({ node }) => node));
  const touched = flats.filter(({ members }) => members.some(({ node }) => own.has(node)));
  if (touched.length === 0) return trace;
  const members = new Map(touched.flatMap((flat) => flat.members.map(({ node }, at) => [node, { flat, at }] as const)));
  const readings = touched.map(reading);
  const renamed = new Map(readings.flatMap(({ renamed }) => renamed));
  const values = valuesOf(trace);

  const of = (ref: string): string => renamed.get(ref) ?? ref;
  const replaced = new Set([...members.keys()].flatMap((node) => [node, `${node}/read`, `${node}/write`]));
  const kept = trace.nodes.filter(({ name }) => !replaced.has(name)).map((node) => ({ ...node, input: node.input.map(of) }));
  const shapes = new Map([...trace.shapes].map(([ref, shape]) => [of(ref), shape]));
  for (const flat of touched) {
    shapes.set(`${flat.node}/read`, [totalOf(flat)]);
    for (const { node, variable } of flat.members) shapes.set(of(`${node}/read`), variable.shape);
  }
  const byName = new Map(kept.map((node) => [node.name, node]));
  const held = new Map<string, string>(touched.map(({ node, members }) => [members.map((member) => of(`${member.node}/read`)).join(), `${node}/read`]));
  const cut = new Map<string, string>(touched.flatMap(({ node, members }) => members.map((member, at) => [`${member.node}/read`, at === 0 ? `${node}/parts` : `${node}/parts:${at}`] as const)));

  const known = { node: (ref: string) => byName.get(ref), shape: (ref: string) => shapes.get(ref), held: (refs: readonly string[]) => held.get(refs.join()), flat: (ref: string) => cut.get(ref) };
  const vectors = new Map(touched.map(({ device }) => [device, vectorise(known, `vector${device.replace(/\W/g, '_')}`, device)]));

  const writes = touched.flatMap((flat): NodeDef[] => {
    const vector = vectors.get(flat.device);
    const written = flat.members.map(({ node }) => values.get(node));
    if (vector === undefined || written.every((value) => value === undefined)) return [];
    // A stage may let some of them rest.
    const runs: { readonly moves: boolean; readonly refs: string[] }[] = [];
    flat.members.forEach(({ node }, at) => {
      const value = written[at];
      const run = runs.at(-1);
      const ref = of(value ?? `${node}/read`);
      if (run?.moves === (value !== undefined)) run.refs.push(ref);
      else runs.push({ moves: value !== undefined, refs: [ref] });
    });
    const refs = runs.map((run) => vector.of(run.refs));
    for (const [ref, shape] of vector.shapes) shapes.set(ref, shape);
    const [whole = ''] = refs;
    return [nodeOf(`${flat.node}/write`, 'AssignVariableOp', [flat.node, refs.length === 1 ? whole : vector.of(refs), `^${flat.node}/read`], { dtype: FLOAT }, flat.device)];
  });

  const ended = kept.map((node) =>
    node.name === STEP ? { ...node, input: [...node.input.filter((ref) => !replaced.has(ref.slice(1))), ...writes.map(({ name }) => `^${name}`)] } : node,
  );
  const outputs = trace.outputs.map((output) => ({ ...output, ref: of(output.ref) }));
  const all = [...readings.flatMap(({ nodes }) => nodes), ...ended, ...[...vectors.values()].flatMap(({ nodes }) => nodes), ...writes];
  return { ...trace, outputs, shapes, nodes: needed(all, { ...trace, outputs }) };
};
