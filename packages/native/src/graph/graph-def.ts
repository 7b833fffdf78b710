import { encode } from './descriptor.ts';

/**
 * An attribute of a node, as TensorFlow's `AttrValue`: one field is set.
 *
 * @example
 * const dtype: Attribute = { type: 1 };
 */
export interface Attribute {
  readonly type?: number;
  readonly i?: number;
  readonly f?: number;
  readonly b?: boolean;
  readonly s?: Uint8Array;
  readonly shape?: Shape;
  readonly tensor?: {
    readonly dtype: number;
    readonly tensorShape: Shape;
    readonly tensorContent?: Uint8Array;
    /** The last of them stands for all that follow. */
    readonly floatVal?: readonly number[];
  };
  readonly list?: { readonly type?: readonly number[]; readonly i?: readonly number[]; readonly f?: readonly number[] };
}

/**
 * A shape, as TensorFlow's `TensorShapeProto`.
 *
 * @example
 * const shape: Shape = { dim: [{ size: 2 }] };
 */
export interface Shape {
  readonly dim: readonly { readonly size: number }[];
}

/**
 * A node of a graph, as TensorFlow's `NodeDef`.
 *
 * @example
 * const node: NodeDef = { name: 'sum', op: 'AddV2', input: ['a', 'b:1', '^c'], device: '', attr: { T: { type: 1 } } };
 */
export interface NodeDef {
  readonly name: string;
  readonly op: string;
  /** `node`, `node:output`, and after all of these `^node` for nodes that must have run before. */
  readonly input: readonly string[];
  /** `/device:GPU:0`; '' leaves the choice to TensorFlow. */
  readonly device: string;
  readonly attr: { readonly [name: string]: Attribute };
}

/** The version of the graph format that TensorFlow 2.21 writes; it says which defaults hold. */
const PRODUCER = 1987;

/**
 * A shape as a message.
 *
 * @example
 * shapeOf([2, 3]); // { dim: [{ size: 2 }, { size: 3 }] }
 */
export const shapeOf = (shape: readonly number[]): Shape => ({ dim: shape.map((size) => ({ size })) });

/**
 * A node; attributes are in the order given.
 *
 * @example
 * const read = nodeOf('w/read', 'ReadVariableOp', ['w'], { dtype: { type: 1 } });
 */
export const nodeOf = (name: string, op: string, input: readonly string[], attr: NodeDef['attr'] = {}, device = ''): NodeDef => ({ name, op, input, device, attr });

/**
 * A graph as the bytes a session imports.
 *
 * @example
 * const bytes = encodeGraph([nodeOf('nothing', 'NoOp', [])]);
 */
export const encodeGraph = (nodes: readonly NodeDef[]): Uint8Array => encode('GraphDef', { node: nodes, versions: { producer: PRODUCER } });
