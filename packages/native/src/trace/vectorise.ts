import { type NodeDef, nodeOf, shapeOf } from '../graph/graph-def.ts';

/** What is computed of each element by itself, by instructions that round every element alike, wherever in a vector it lies. */
const ELEMENTWISE = new Set(['Add', 'AddV2', 'Mul', 'Neg', 'RealDiv', 'Sqrt', 'Square', 'Sub']);

const FLOAT = { type: 1 };
const INT = { type: 3 };

/** What is known of a graph to which vectors are added. */
interface Known {
  node(ref: string): NodeDef | undefined;
  shape(ref: string): readonly number[] | undefined;
  /** A vector that holds just these tensors already, end to end. */
  held(refs: readonly string[]): string | undefined;
  /** A tensor as a vector, where one is at hand. */
  flat(ref: string): string | undefined;
}

/**
 * Turns the same computation on many tensors into one on vectors.
 *
 * @example
 * const joined = (vectors: Vectors, gradients: readonly string[]): string => vectors.of(gradients);
 */
export interface Vectors {
  /** Nodes to be added to the graph. */
  readonly nodes: readonly NodeDef[];
  /** Shapes of what they give, by ref. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** @returns the ref of a vector of these tensors, end to end: computed as one where they are computed alike, else joined */
  of(refs: readonly string[]): string;
}

const sizeOf = (shape: readonly number[] | undefined): number => (shape ?? []).reduce((product, size) => product * size, 1);

/**
 * The value of a constant that is one number, if it is one.
 *
 * @example
 * declare const node: NodeDef;
 * const rate = numberOf(node);
 */
export const numberOf = (node: NodeDef | undefined): number | undefined => {
  const tensor = node?.op === 'Const' ? node.attr['value']?.tensor : undefined;
  return tensor?.tensorShape.dim.length === 0 ? tensor.floatVal?.[0] : undefined;
};

/**
 * Whether it is computed of each element by itself.
 *
 * @example
 * declare const node: NodeDef;
 * isElementwise(node);
 */
export const isElementwise = (node: NodeDef | undefined): node is NodeDef => node !== undefined && ELEMENTWISE.has(node.op) && node.attr['T']?.type === FLOAT.type;

/**
 * {@link Vectors} for a graph of float32 tensors: `[f(a₁, s), f(a₂, s), …] = f([a₁, a₂, …], s)`, to the bit.
 *
 * @param prefix - new in the graph, of the nodes' names
 * @param device - of the nodes
 * @example
 * declare const known: Parameters<typeof vectorise>[0];
 * const vectors = vectorise(known, 'flat', '');
 */
export const vectorise = (known: Known, prefix: string, device: string): Vectors => {
  const nodes: NodeDef[] = [];
  const shapes = new Map<string, readonly number[]>();
  const made = new Map<string, string>();

  const add = (op: string, input: readonly string[], attr: NodeDef['attr'], size: number): string => {
    const name = `${prefix}/${nodes.length}_${op}`;
    nodes.push(nodeOf(name, op, input, attr, device));
    shapes.set(name, op === 'Const' && size === 1 ? [] : [size]);
    return name;
  };
  const integers = (values: readonly number[], shape: readonly number[]): string =>
    add('Const', [], { dtype: INT, value: { tensor: { dtype: INT.type, tensorShape: shapeOf(shape), tensorContent: new Uint8Array(Int32Array.from(values).buffer) } } }, values.length);

  const flat = (ref: string): string => {
    const shape = known.shape(ref);
    const at = known.flat(ref);
    return at ?? (shape?.length === 1 ? ref : add('Reshape', [ref, integers([-1], [1])], { T: FLOAT, Tshape: INT }, sizeOf(shape)));
  };
  const join = (refs: readonly string[]): string => {
    const [only = ''] = refs;
    if (refs.length === 1) return flat(only);
    return add('ConcatV2', [...refs.map(flat), integers([0], [])], { N: { i: refs.length }, T: FLOAT, Tidx: INT }, refs.reduce((sum, ref) => sum + sizeOf(known.shape(ref)), 0));
  };

  /** One input of the same operation on each of `refs`, as an input of the operation on all. */
  const operand = (inputs: readonly string[], refs: readonly string[]): string | undefined => {
    const [first = ''] = inputs;
    if (known.shape(first)?.length === 0) {
      if (inputs.every((ref) => ref === first)) return first;
      const numbers = inputs.map((ref) => numberOf(known.node(ref)));
      if (numbers.every((number) => number !== undefined)) {
        if (numbers.every((number) => Object.is(number, numbers[0]))) return first;
        const values = Float32Array.from(numbers.flatMap((number, at) => Array.from({ length: sizeOf(known.shape(refs[at] ?? '')) }, () => number)));
        return add('Const', [], { dtype: FLOAT, value: { tensor: { dtype: FLOAT.type, tensorShape: shapeOf([values.length]), tensorContent: new Uint8Array(values.buffer) } } }, values.length);
      }
    }
    const alike = inputs.every((ref, at) => known.shape(ref)?.join() === known.shape(refs[at] ?? '')?.join());
    return alike ? of(inputs) : undefined;
  };

  const compute = (refs: readonly string[]): string => {
    const parts = refs.map((ref) => known.node(ref));
    const [first] = parts;
    if (!isElementwise(first) || !parts.every((part): part is NodeDef => isElementwise(part) && part.op === first.op)) return join(refs);
    const operands = first.input.map((_, at) => operand(parts.map(({ input }) => input[at] ?? ''), refs));
    return operands.every((ref) => ref !== undefined) ? add(first.op, operands, first.attr, refs.reduce((sum, ref) => sum + sizeOf(known.shape(ref)), 0)) : join(refs);
  };

  const of = (refs: readonly string[]): string => {
    const key = refs.join();
    const vector = made.get(key) ?? known.held(refs) ?? compute(refs);
    made.set(key, vector);
    return vector;
  };
  return { nodes, shapes, of };
};
