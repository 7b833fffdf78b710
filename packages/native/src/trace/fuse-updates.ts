import { type Attribute, type NodeDef, nodeOf } from '../graph/graph-def.ts';
import type { Trace } from './trace.ts';

/** What an update was, and what replaces it. */
interface Fused {
  /** Nodes that nothing needs any more. */
  readonly gone: readonly NodeDef[];
  /** Takes the place and the name of the variable's write. */
  readonly node: NodeDef;
}

/** A graph by name, with who uses what. */
interface Lookup {
  node(ref: string): NodeDef | undefined;
  /** How often an output is used, fetches included. */
  uses(ref: string): number;
  shape(ref: string): string;
  /** Whether it is a number that is fed. */
  isScalar(ref: string): boolean;
}

const lookup = (nodes: readonly NodeDef[], { inputs, outputs, shapes }: Trace): Lookup => {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const uses = new Map<string, number>();
  for (const ref of [...nodes.flatMap(({ input }) => input), ...outputs.map(({ ref }) => ref)]) uses.set(ref, (uses.get(ref) ?? 0) + 1);
  const scalars = new Set(inputs.flatMap(({ node, kind }) => (kind === 'scalar' ? [node] : [])));
  return {
    node: (ref) => byName.get(ref),
    uses: (ref) => uses.get(ref) ?? 0,
    shape: (ref) => (shapes.get(ref) ?? ['?']).join(),
    isScalar: (ref) => scalars.has(ref),
  };
};

/** Both orders of a sum or a product: the bits are the same. */
const bothWays = ({ input: [a = '', b = ''] }: NodeDef): readonly (readonly [string, string])[] => [
  [a, b],
  [b, a],
];

const isSum = (node: NodeDef | undefined): node is NodeDef => node?.op === 'Add' || node?.op === 'AddV2';

const before = (write: NodeDef): readonly string[] => write.input.filter((ref) => ref.startsWith('^'));

const float: Attribute = { type: 1 };

/** `w ← w − lr · v` with `v ← μ v + g`, where nothing else looks at what is between. */
const momentum = (graph: Lookup, write: NodeDef, difference: NodeDef, product: NodeDef): Fused | undefined => {
  const [variable = ''] = write.input;
  for (const [velocity, lr] of bothWays(product)) {
    const sum = graph.node(velocity);
    if (!graph.isScalar(lr) || !isSum(sum) || graph.uses(velocity) !== 2) continue;
    for (const [decayed, gradient] of bothWays(sum)) {
      const decay = graph.node(decayed);
      if (decay?.op !== 'Mul' || graph.uses(decayed) !== 1 || graph.shape(gradient) !== graph.shape(`${variable}/read`)) continue;
      for (const [old, mu] of bothWays(decay)) {
        const slot = old.replace(/\/read$/, '');
        const slotWrite = graph.node(`${slot}/write`);
        if (slot === old || !graph.isScalar(mu) || slotWrite?.op !== 'AssignVariableOp' || slotWrite.input[1] !== velocity || slotWrite.device !== write.device) continue;
        if (graph.shape(old) !== graph.shape(`${variable}/read`)) continue;
        const input = [variable, slot, lr, gradient, mu, ...new Set([...before(write), ...before(slotWrite)])];
        const attributes = { T: float, use_locking: { b: false }, use_nesterov: { b: false } };
        return { gone: [difference, product, sum, decay, slotWrite], node: nodeOf(write.name, 'ResourceApplyMomentum', input, attributes, write.device) };
      }
    }
  }
  return undefined;
};

const fusedUpdate = (graph: Lookup, write: NodeDef): Fused | undefined => {
  const [variable = '', value = ''] = write.input;
  const result = graph.node(value);
  const read = `${variable}/read`;
  if (write.op !== 'AssignVariableOp' || result === undefined || graph.uses(value) !== 1) return undefined;
  if (write.attr['dtype']?.type !== 1) return undefined;
  const [change, op] =
    result.op === 'Sub' && result.input[0] === read
      ? [result.input[1], 'AssignSubVariableOp']
      : isSum(result)
        ? [bothWays(result).find(([a]) => a === read)?.[1], 'AssignAddVariableOp']
        : [undefined, ''];
  if (change === undefined || graph.shape(change) !== graph.shape(read)) return undefined;
  const product = graph.node(change);
  const whole = result.op === 'Sub' && product?.op === 'Mul' && graph.uses(change) === 1 ? momentum(graph, write, result, product) : undefined;
  return whole ?? { gone: [result], node: nodeOf(write.name, op, [variable, change, ...before(write)], { dtype: float }, write.device) };
};

/**
 * Puts TensorFlow's kernels that update variables in place where a step subtracts, adds or applies momentum and assigns: the same
 * bits, with an eighth of the nodes. Reads that are of no more use go, too.
 *
 * @returns the same step
 * @example
 * declare const trace: Trace;
 * const leaner = fuseUpdates(trace);
 */
export const fuseUpdates = (trace: Trace): Trace => {
  const graph = lookup(trace.nodes, trace);
  const gone = new Set<string>();
  const instead = new Map<string, NodeDef>();
  for (const write of trace.nodes) {
    if (gone.has(write.name)) continue;
    const fused = fusedUpdate(graph, write);
    if (fused === undefined) continue;
    instead.set(write.name, fused.node);
    for (const { name } of fused.gone) gone.add(name);
  }
  const kept = trace.nodes.filter(({ name }) => !gone.has(name)).map((node) => instead.get(node.name) ?? node);
  const used = new Set([...kept.flatMap(({ input }) => input.filter((ref) => !ref.startsWith('^'))), ...trace.outputs.map(({ ref }) => ref)]);
  for (const { name, op } of kept) if (op === 'ReadVariableOp' && !used.has(name)) gone.add(name);
  const there = (ref: string): boolean => !ref.startsWith('^') || !gone.has(ref.slice(1));
  const nodes = kept.filter(({ name }) => !gone.has(name)).map((node) => (node.input.every(there) ? node : { ...node, input: node.input.filter(there) }));
  return { ...trace, nodes };
};
