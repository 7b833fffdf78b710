import { type Attribute, shapeOf } from '../graph/graph-def.ts';
import type { Binding, OpAttribute } from './native-backend.ts';

/**
 * An attribute of an operation as tfjs-node states it, in the form a graph wants.
 *
 * @returns `undefined` for one that is not set
 * @example
 * declare const binding: Binding;
 * const attribute = toAttribute(binding, { name: 'T', type: binding.TF_ATTR_TYPE, value: 1 }); // { type: 1 }
 */
export const toAttribute = (binding: Binding, { name, type, value }: OpAttribute): Attribute | undefined => {
  if (value === undefined || value === null) return undefined;
  const list = Array.isArray(value) ? (value as number[]) : undefined;
  switch (type) {
    case binding.TF_ATTR_TYPE:
      return list === undefined ? { type: Number(value) } : { list: { type: list } };
    case binding.TF_ATTR_INT:
      return list === undefined ? { i: Number(value) } : { list: { i: list } };
    case binding.TF_ATTR_FLOAT:
      return list === undefined ? { f: Number(value) } : { list: { f: list } };
    case binding.TF_ATTR_BOOL:
      return { b: Boolean(value) };
    case binding.TF_ATTR_STRING:
      return { s: new TextEncoder().encode(value as string) };
    case binding.TF_ATTR_SHAPE:
      return { shape: shapeOf(list ?? []) };
    default:
      throw new Error(`internal: attribute '${name}' has the type ${type}, which is not known`);
  }
};
