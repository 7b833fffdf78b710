import protobuf from 'protobufjs/light.js';

type Field = readonly [type: string, id: number, rule?: 'repeated' | 'map'];

/** The fields, by TensorFlow's numbers, of those of its messages that this package writes or reads. */
const messages: { readonly [message: string]: { readonly [field: string]: Field } } = {
  GraphDef: { node: ['NodeDef', 1, 'repeated'], versions: ['VersionDef', 4] },
  VersionDef: { producer: ['int32', 1] },
  NodeDef: { name: ['string', 1], op: ['string', 2], input: ['string', 3, 'repeated'], device: ['string', 4], attr: ['AttrValue', 5, 'map'] },
  AttrValue: {
    list: ['ListValue', 1],
    s: ['bytes', 2],
    i: ['int64', 3],
    f: ['float', 4],
    b: ['bool', 5],
    type: ['int32', 6],
    shape: ['TensorShapeProto', 7],
    tensor: ['TensorProto', 8],
  },
  ListValue: { i: ['int64', 3, 'repeated'], f: ['float', 4, 'repeated'], type: ['int32', 6, 'repeated'] },
  TensorShapeProto: { dim: ['Dim', 2, 'repeated'] },
  Dim: { size: ['int64', 1] },
  TensorProto: { dtype: ['int32', 1], tensorShape: ['TensorShapeProto', 2], tensorContent: ['bytes', 4], floatVal: ['float', 5, 'repeated'] },
  ConfigProto: {
    deviceCount: ['int32', 1, 'map'],
    intraOpParallelismThreads: ['int32', 2],
    interOpParallelismThreads: ['int32', 5],
    gpuOptions: ['GPUOptions', 6],
    allowSoftPlacement: ['bool', 7],
    graphOptions: ['GraphOptions', 10],
  },
  GPUOptions: { allowGrowth: ['bool', 4] },
  GraphOptions: { optimizerOptions: ['OptimizerOptions', 3], rewriteOptions: ['RewriterConfig', 10] },
  OptimizerOptions: { optLevel: ['int32', 3], globalJitLevel: ['int32', 5], cpuGlobalJit: ['bool', 7] },
  RewriterConfig: { constantFolding: ['int32', 3], arithmeticOptimization: ['int32', 7], remapping: ['int32', 14], disableMetaOptimizer: ['bool', 19] },
  RunOptions: { traceLevel: ['int32', 1] },
  RunMetadata: { stepStats: ['StepStats', 1] },
  StepStats: { devStats: ['DeviceStepStats', 1, 'repeated'] },
  DeviceStepStats: { device: ['string', 1], nodeStats: ['NodeExecStats', 2, 'repeated'] },
  NodeExecStats: {
    nodeName: ['string', 1],
    allStartMicros: ['int64', 2],
    opStartRelMicros: ['int64', 3],
    opEndRelMicros: ['int64', 4],
    timelineLabel: ['string', 8],
  },
};

/** The messages that stand for themselves. */
type Message = 'GraphDef' | 'ConfigProto' | 'RunOptions' | 'RunMetadata';

/** What is one of several is written even where it is 0, false or empty. */
const oneOf: { readonly [message: string]: { readonly value: { readonly oneof: string[] } } } = { AttrValue: { value: { oneof: Object.keys(messages['AttrValue'] ?? {}) } } };

const fieldOf = ([type, id, rule]: Field): protobuf.IField => ({
  type,
  id,
  ...(rule === 'map' ? { keyType: 'string' } : rule === 'repeated' ? { rule } : {}),
});

const root = protobuf.Root.fromJSON({
  nested: Object.fromEntries(
    Object.entries(messages).map(([name, fields]) => [
      name,
      {
        fields: Object.fromEntries(Object.entries(fields).map(([field, description]) => [field, fieldOf(description)])),
        ...(oneOf[name] === undefined ? {} : { oneofs: oneOf[name] }),
      },
    ]),
  ),
});

/**
 * A message of TensorFlow's as bytes.
 *
 * @param name - of the message
 * @param value - its fields; those left out are not written
 * @example
 * const bytes = encode('GraphDef', { node: [], versions: { producer: 1987 } });
 */
export const encode = (name: Message, value: object): Uint8Array => root.lookupType(name).encode(value).finish();

/**
 * Reads a message of TensorFlow's. Fields that are not described here are skipped.
 *
 * @returns a plain object; 64-bit integers are numbers
 * @example
 * const metadata = decode('RunMetadata', new Uint8Array());
 */
export const decode = (name: Message, bytes: Uint8Array): object => {
  const type = root.lookupType(name);
  return type.toObject(type.decode(bytes), { longs: Number, defaults: true, arrays: true });
};
