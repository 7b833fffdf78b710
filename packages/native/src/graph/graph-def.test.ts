import { deviceName, sessionConfig } from './session-config.ts';
import { encodeGraph, nodeOf, shapeOf } from './graph-def.ts';
import { decode, encode } from './descriptor.ts';
import { kernelsOf } from './profile.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('a graph as bytes', () => {
  it('is what a writer by hand makes of it, after the numbers in graph.proto', () => {
    const nodes = [
      nodeOf('x', 'Placeholder', [], { dtype: { type: 1 }, shape: { shape: shapeOf([2, -1]) } }),
      nodeOf('c', 'Const', [], {
        dtype: { type: 3 },
        value: { tensor: { dtype: 3, tensorShape: shapeOf([2]), tensorContent: new Uint8Array(Int32Array.of(1, -1).buffer) } },
      }),
      nodeOf('s', 'Sum', ['x', 'c:0', '^c'], { T: { type: 1 }, keep_dims: { b: false } }, '/device:CPU:1'),
    ];
    expect(hex(encodeGraph(nodes))).toBe(
      [
        '0a3b0a0178120b506c616365686f6c6465722a0b0a056474797065120230012a1c0a05736861706512133a1112020802120b08ffffffffffffffffff01',
        '0a360a01631205436f6e73742a0b0a056474797065120230032a1d0a0576616c7565121442120803120412020802220801000000ffffffff',
        '0a3d0a0173120353756d1a01781a03633a301a025e63220d2f6465766963653a4350553a312a070a0154120230012a0f0a096b6565705f64696d7312022800',
        '220308c30f',
      ].join(''),
    );
  });

  it('says 0, false and nothing where an attribute is that', () => {
    const attribute = (value: object): string => hex(encode('GraphDef', { node: [{ name: '', op: '', attr: { a: value } }] })).slice(-8);
    expect(attribute({ i: 0 })).toMatch(/12021800$/);
    expect(attribute({ f: 0 })).toMatch(/00000000$/);
    expect(attribute({ s: new Uint8Array() })).toMatch(/12021200$/);
    expect(attribute({ shape: { dim: [] } })).toMatch(/12023a00$/);
  });
});

describe('a session is configured', () => {
  const read = (bytes: Uint8Array): object => JSON.parse(JSON.stringify(decode('ConfigProto', bytes))) as object;

  it('with as many CPUs as are named', () => {
    expect(read(sessionConfig({ devices: ['/CPU:0', 'device:CPU:2', '/GPU:1'] }))).toMatchObject({ deviceCount: { CPU: 3 }, allowSoftPlacement: true, gpuOptions: { allowGrowth: true } });
    expect(read(sessionConfig({ devices: ['/GPU:0'] }))).toMatchObject({ deviceCount: {} });
  });

  it('with the graph optimiser as it is wanted', () => {
    const rewriter = (graphOptimizer: 'full' | 'exact' | 'off'): object => (read(sessionConfig({ graphOptimizer })) as { graphOptions: { rewriteOptions: object } }).graphOptions.rewriteOptions;
    expect(rewriter('exact')).toEqual({ constantFolding: 2, arithmeticOptimization: 2, remapping: 2, disableMetaOptimizer: false });
    expect(rewriter('off')).toMatchObject({ disableMetaOptimizer: true });
    expect(rewriter('full')).toEqual({ constantFolding: 0, arithmeticOptimization: 0, remapping: 0, disableMetaOptimizer: false });
  });

  it('by devices that have the form of one', () => {
    expect(['/GPU:1', 'GPU:1', '/device:GPU:1'].map(deviceName)).toEqual(['/device:GPU:1', '/device:GPU:1', '/device:GPU:1']);
    expect(() => deviceName('gpu1')).toThrow("a device is named like '/CPU:0' or '/GPU:1', not 'gpu1'");
  });
});

describe("a run's metadata", () => {
  it('tells the time of every kernel', () => {
    const metadata = encode('RunMetadata', {
      stepStats: { devStats: [{ device: '/device:CPU:0', nodeStats: [{ nodeName: 'a/MatMul', allStartMicros: 1_700_000_000_000_000, opStartRelMicros: 5, opEndRelMicros: 12, timelineLabel: 'a/MatMul = MatMul(x, w)' }] }] },
    });
    expect(kernelsOf(metadata)).toEqual([{ device: '/device:CPU:0', node: 'a/MatMul', op: 'MatMul', startMicros: 1_700_000_000_000_005, micros: 7 }]);
    expect(kernelsOf(new Uint8Array())).toEqual([]);
  });
});
