import { type NodeDef, encodeGraph, nodeOf, shapeOf } from '../graph/graph-def.ts';
import type { Addon } from '../session/load-addon.ts';
import type { Binding, Made, OpAttribute } from './native-backend.ts';

/** Constants above it are no shapes, axes or paddings: nothing is inferred from their values. */
const TELLING_BYTES = 4096;

/** Outputs that only the operation's gradient understands: of whatever shape the device's kernel likes. */
const OPAQUE: Readonly<Record<string, number>> = { FusedBatchNormV3: 5 };

/** A call of tfjs-node's to TensorFlow. */
interface Call {
  readonly op: string;
  readonly attributes: readonly OpAttribute[];
  readonly handles: readonly number[];
  /** Of outputs. */
  readonly count: number;
}

/**
 * Tensors that are described and not computed: of a step that is recorded only types and shapes matter, and computing it would
 * cost a step's time and the memory of all it has ever in between.
 *
 * @example
 * const isPending = (handle: number): boolean => handle < 0;
 */
export interface PendingTensors {
  /** Says what a ref of the graph is. */
  describe(ref: string, dtype: number, shape: readonly number[]): void;
  /** Says what a constant of the graph is: shapes may depend on its value. */
  describeConstant(node: NodeDef, dtype: number, shape: readonly number[]): void;
  /**
   * What a call would make, under handles below 0, with which tfjs-node does nothing but pass them on. Where TensorFlow cannot tell
   * a shape, or refuses the operation, it is executed after all.
   *
   * @param node - the call in the graph
   */
  add(node: NodeDef, call: Call): readonly Made[];
  /** Computes a tensor after all. What it is made of must not be deleted yet. @returns a handle of TensorFlow's, the caller's */
  take(handle: number): number;
  /** Deletes what had to be computed on the way. */
  free(): void;
}

const bytesOf = ({ attr }: NodeDef): number => attr['value']?.tensor?.tensorContent?.byteLength ?? 0;

/**
 * Pending tensors, none yet.
 *
 * @param real - computes what must be computed
 * @param infer - TensorFlow's shape inference
 * @example
 * declare const real: Binding;
 * declare const addon: Addon;
 * const pending = pendingTensors(real, addon.infer);
 */
export const pendingTensors = (real: Binding, infer: Addon['infer']): PendingTensors => {
  /** What stands for a ref where shapes are inferred. */
  const sources = new Map<string, NodeDef>();
  const calls = new Map<number, { readonly call: Call; readonly output: number }>();
  const computed = new Map<Call, readonly Made[]>();
  const taken = new Set<number>();
  // tfjs-node writes -1 for what is still on the host.
  let next = -2;

  const describe = (ref: string, dtype: number, shape: readonly number[]): void => {
    sources.set(ref, nodeOf('', 'Placeholder', [], { dtype: { type: dtype }, shape: { shape: shapeOf(shape) } }));
  };

  const inferred = (node: NodeDef): readonly Omit<Made, 'id'>[] | undefined => {
    const names = new Map([...new Set(node.input)].map((ref, index) => [ref, `source${index}`]));
    const feeding = [...names].map(([ref, name]): NodeDef => ({ ...(sources.get(ref) ?? nodeOf('', 'Placeholder', [])), name }));
    const alone = { ...node, device: '', input: node.input.map((ref) => names.get(ref) ?? ref) };
    try {
      const outputs = infer(encodeGraph([...feeding, alone]), node.name).map(({ dtype, shape }, output) => ({ dtype, shape: shape ?? (OPAQUE[node.op] === output ? [0] : null) }));
      return outputs.flatMap(({ dtype, shape }) => (shape === null ? [] : [{ dtype, shape }]));
    } catch {
      return undefined;
    }
  };

  const run = ({ op, attributes, handles, count }: Call): readonly Made[] => real.executeOp(op, attributes, handles.map(compute), count);

  const compute = (handle: number): number => {
    const pending = calls.get(handle);
    if (pending === undefined) return handle;
    const made = computed.get(pending.call) ?? run(pending.call);
    computed.set(pending.call, made);
    return made[pending.output]?.id ?? handle;
  };

  return {
    describe,
    describeConstant: (node, dtype, shape) => {
      if (bytesOf(node) > TELLING_BYTES) describe(node.name, dtype, shape);
      else sources.set(node.name, node);
    },
    add: (node, call) => {
      const outputs = inferred(node);
      const made = outputs === undefined || outputs.length < call.count ? run(call) : outputs.slice(0, call.count).map(({ dtype, shape }) => ({ id: next--, dtype, shape }));
      made.forEach(({ id, dtype, shape }, output) => {
        if (id < 0) calls.set(id, { call, output });
        describe(output === 0 ? node.name : `${node.name}:${output}`, dtype, shape);
      });
      return made;
    },
    take: (handle) => {
      const own = compute(handle);
      taken.add(own);
      return own;
    },
    free: () => {
      for (const made of computed.values()) for (const { id } of made) if (!taken.has(id)) real.deleteTensor(id);
    },
  };
};
