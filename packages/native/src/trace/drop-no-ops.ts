import type { NodeDef } from '../graph/graph-def.ts';
import type { Trace } from './trace.ts';

/**
 * Leaves out what changes nothing: casts to the type there is, reshapes to the shape there is, slices of all there is. tfjs writes
 * many of them.
 *
 * @returns the same step
 * @example
 * declare const trace: Trace;
 * const leaner = dropNoOps(trace);
 */
export const dropNoOps = (trace: Trace): Trace => {
  const shape = (ref: string): string => trace.shapes.get(ref)?.join() ?? '?';
  const fetched = new Set(trace.outputs.map(({ ref }) => ref));
  const sources = new Map<string, string>();
  const sourceOf = (ref: string): string => sources.get(ref) ?? ref;
  const changesNothing = ({ name, op, input: [x = ''], attr }: NodeDef): boolean =>
    !fetched.has(name) && (op === 'Cast' ? attr['SrcT']?.type === attr['DstT']?.type : (op === 'Reshape' || op === 'Slice') && trace.shapes.has(x) && shape(x) === shape(name));
  const nodes = trace.nodes.flatMap((node): NodeDef[] => {
    const input = node.input.map(sourceOf);
    if (!changesNothing(node)) return [{ ...node, input }];
    sources.set(node.name, input[0] ?? '');
    return [];
  });
  return { ...trace, nodes };
};
