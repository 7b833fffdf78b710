import { CodistillError, say } from '@codistill/core';
import { type Attribute, shapeOf } from '../graph/graph-def.ts';
import { DTYPE } from '../session/session.ts';

/** Constants above it are data of the host that belong into an input. */
const LIMIT_BYTES = 2 ** 20;

const NAMES = new Map(Object.entries(DTYPE).map(([name, number]) => [number as number, name]));

/** A constant's values in the memory a graph wants: what TensorFlow's tensor would hold. Copied: the host may write on. */
const arrayOf = (dtype: number, values: ArrayLike<number>): Float32Array | Int32Array | Uint8Array | BigInt64Array | undefined => {
  switch (dtype) {
    case DTYPE.float32:
      return Float32Array.from(values);
    case DTYPE.int32:
      return Int32Array.from(values);
    case DTYPE.bool:
      return Uint8Array.from(values);
    case DTYPE.int64:
      // tfjs-node hands 64-bit integers over as pairs of 32-bit words.
      return new BigInt64Array(Int32Array.from(values).buffer);
    default:
      return undefined;
  }
};

/** The number all elements are, if they are one. */
const uniformValue = (values: ArrayLike<number>): number | undefined => {
  const first = values[0];
  for (let index = 1; index < values.length; index++) if (!Object.is(values[index], first)) return undefined;
  return first;
};

/**
 * A constant of a graph.
 *
 * @example
 * const typeOf = ({ attributes }: Constant): number | undefined => attributes.dtype.type;
 */
export interface Constant {
  /** Of its `Const` node. */
  readonly attributes: { readonly dtype: Attribute; readonly value: Attribute };
  /** Its values, or the one that all are. */
  readonly values: ArrayLike<number>;
}

/**
 * A tensor of host values as a constant. A number that fills a tensor is written once.
 *
 * @param place - where it is used, for sentences
 * @throws CodistillError `NOT_RECORDABLE` for more than 1 MB, and for types no step has
 * @example
 * declare const place: Parameters<typeof toConstant>[3];
 * const { attributes } = toConstant([2], 1, [0.5, 0.5], place);
 */
export const toConstant = (shape: readonly number[], dtype: number, values: ArrayLike<number>, place: () => Parameters<typeof say.compile.captured>[0]): Constant => {
  const type = { type: dtype };
  const tensor = { dtype, tensorShape: shapeOf(shape) };
  const filling = dtype === DTYPE.float32 ? uniformValue(values) : undefined;
  if (filling !== undefined) return { attributes: { dtype: type, value: { tensor: { ...tensor, floatVal: [filling] } } }, values: [filling] };
  const bytes = values.length * 4;
  if (bytes > LIMIT_BYTES) throw new CodistillError('NOT_RECORDABLE', say.compile.hugeConstant(place(), bytes, LIMIT_BYTES));
  const array = arrayOf(dtype, values);
  if (array === undefined) throw new CodistillError('NOT_RECORDABLE', say.compile.constantType(place(), NAMES.get(dtype) ?? `number ${dtype}`));
  const tensorContent = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return { attributes: { dtype: type, value: { tensor: { ...tensor, tensorContent } } }, values: array as ArrayLike<unknown> as ArrayLike<number> };
};
