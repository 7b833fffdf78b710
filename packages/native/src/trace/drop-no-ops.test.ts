import { nodeOf } from '../graph/graph-def.ts';
import { dropNoOps } from './drop-no-ops.ts';
import type { Trace } from './trace.ts';

const FLOAT = { type: 1 };
const INT = { type: 3 };

const traceOf = (nodes: Trace['nodes'], shapes: Readonly<Record<string, readonly number[]>>, outputs: Trace['outputs'] = []): Trace => ({
  nodes, outputs, inputs: [], states: [], log: [], shapes: new Map(Object.entries(shapes)),
});

describe('dropNoOps', () => {
  const chain = [
    nodeOf('cast', 'Cast', ['x'], { SrcT: FLOAT, DstT: FLOAT }),
    nodeOf('reshape', 'Reshape', ['cast', 'shape']),
    nodeOf('slice', 'Slice', ['reshape', 'begin', 'size']),
    nodeOf('end', 'Neg', ['slice']),
  ];

  it('leaves out casts, reshapes and slices that change nothing, one after the other too', () => {
    expect(dropNoOps(traceOf(chain, { x: [2, 3], cast: [2, 3], reshape: [2, 3], slice: [2, 3] })).nodes).toEqual([nodeOf('end', 'Neg', ['x'])]);
  });

  it('keeps those that change something, and what is fetched', () => {
    const changing = [nodeOf('cast', 'Cast', ['x'], { SrcT: FLOAT, DstT: INT }), nodeOf('reshape', 'Reshape', ['cast', 'shape']), nodeOf('slice', 'Slice', ['reshape', 'begin', 'size'])];
    const shapes = { x: [2, 3], cast: [2, 3], reshape: [6], slice: [5] };
    expect(dropNoOps(traceOf(changing, shapes)).nodes).toEqual(changing);
    const fetched = [nodeOf('cast', 'Cast', ['x'], { SrcT: FLOAT, DstT: FLOAT })];
    expect(dropNoOps(traceOf(fetched, shapes, [{ name: 'y', ref: 'cast', dtype: 'float32', shape: [2, 3] }])).nodes).toEqual(fetched);
  });
});
