import { CodistillError, type Feed, type Named, type RecordableStep, type Within, freeTapeOnThrow, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { type Attribute, type NodeDef, nodeOf, shapeOf } from '../graph/graph-def.ts';
import { loadAddon } from '../session/load-addon.ts';
import { DTYPE } from '../session/session.ts';
import { toAttribute } from './attribute.ts';
import { borrowVariables, refuseOtherVariables } from './borrow-variables.ts';
import { toConstant } from './constant.ts';
import type { Binding, NativeBackend } from './native-backend.ts';
import { pendingTensors } from './pending-tensors.ts';
import { placeNow } from './place.ts';
import { createPlacement } from './placement.ts';
import type { Logged, Trace, TraceInput, TraceOutput } from './trace.ts';
import { nameOfVariable, typeOf, withVariables } from './variable-nodes.ts';

/** Frames kept of every operation's stack: tfjs needs about thirty before its caller is seen. */
const STACK_DEPTH = 60;

/** Doors of the binding that lead out of the graph. */
const CLOSED = ['loadSavedModel', 'runSavedModel', 'createSummaryWriter', 'tensorDataSync'] as const;

const refuse = (sentence: string): CodistillError => new CodistillError('NOT_RECORDABLE', sentence);

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Errors of the recorder come through whatever the step wraps them in. */
const unwrapped = (error: unknown): unknown => {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    if (inner instanceof CodistillError && inner.code === 'NOT_RECORDABLE') return inner;
  }
  return error;
};

/**
 * How a step is recorded.
 *
 * @example
 * const options: RecordOptions = { lines: true };
 */
export interface RecordOptions {
  /** Where variables live; default: wherever TensorFlow puts them. */
  readonly deviceOf?: (variable: tf.Variable) => string;
  /** Whether the log remembers the line of each operation; default false. Refusals name theirs in any case. */
  readonly lines?: boolean;
}

/**
 * Records a step: it is called once while TensorFlow's addon is watched. Nothing is computed: tfjs is told what TensorFlow infers
 * of each operation's outputs, and every variable gets its value back.
 *
 * What is fed becomes a placeholder, variables stay variables, and what the host hands in besides becomes a constant.
 *
 * @param backend - TensorFlow's
 * @param step - what to record
 * @param inputs - of the shapes to record for
 * @param scalars - numbers that are fed
 * @throws CodistillError `NOT_RECORDABLE`; and whatever the step throws
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * declare const backend: NativeBackend;
 * const trace = record(backend, ({ x }) => ({ mean: tf.mean(x ?? 0) }), { x: { dtype: 'float32', shape: [2], values: new Float32Array(2) } }, {});
 */
export const record = (
  backend: NativeBackend,
  step: RecordableStep,
  inputs: Named<Feed>,
  scalars: Named<number>,
  { deviceOf = () => '', lines = false }: RecordOptions = {},
): Trace => {
  const real = backend.binding;
  const pending = pendingTensors(real, loadAddon().infer);
  const nodes: NodeDef[] = [];
  const log: Logged[] = [];
  const refOf = new Map<number, string>();
  const shapes = new Map<string, readonly number[]>();
  const placement = createPlacement();

  const parts: string[] = [];
  const within: Within = (part, compute) => {
    parts.push(part);
    const computed = compute();
    // Left in place where it throws, so that the error knows where.
    parts.pop();
    return computed;
  };
  const placeOf = (op: string) => (): ReturnType<ReturnType<typeof placeNow>> => placeNow(op, parts.at(-1))();
  const logged = (op: string): Logged['place'] => placeNow(op, parts.at(-1), lines);

  const handleOf = (tensor: tf.Tensor): number => backend.getInputTensorIds([tensor])[0] ?? -1;
  /** `clone` and `identity` share a handle in tfjs-node; TensorFlow's own operation makes one. */
  const copy = (tensor: tf.Tensor): tf.Tensor =>
    backend.executeSingleOutput('Identity', [{ name: 'T', type: real.TF_ATTR_TYPE, value: DTYPE[typeOf(tensor)] }], [tensor]);

  const lift = (kind: TraceInput['kind'], name: string, { dtype, shape, values }: Feed, index: number): readonly [TraceInput, tf.Tensor] => {
    const host = tf.tensor(values, [...shape], dtype);
    const own = copy(host);
    host.dispose();
    const node = `${kind}${index}`;
    nodes.push(nodeOf(node, 'Placeholder', [], { dtype: { type: DTYPE[dtype] }, shape: { shape: shapeOf(shape) } }));
    refOf.set(handleOf(own), node);
    shapes.set(node, [...shape]);
    pending.describe(node, DTYPE[dtype], shape);
    return [{ name, kind, node, dtype, shape: [...shape] }, own];
  };
  const lifted = [
    ...Object.entries(inputs).map(([name, feed], index) => lift('input', name, feed, index)),
    ...Object.entries(scalars).map(([name, value], index) => lift('scalar', name, { dtype: 'float32', shape: [], values: Float32Array.of(value) }, index)),
  ];
  const fedTensors = (kind: TraceInput['kind']): Record<string, tf.Tensor> =>
    Object.fromEntries(lifted.flatMap(([input, tensor]) => (input.kind === kind ? [[input.name, tensor]] : [])));

  const variables = borrowVariables(backend, copy);
  const byHandle = new Map(variables.all.map((borrowed) => [borrowed.handle, borrowed]));
  const read = new Set<tf.Variable>();

  const resolve = (handle: number, place: () => Parameters<typeof say.compile.captured>[0]): string => {
    const known = refOf.get(handle);
    if (known !== undefined) return known;
    const borrowed = byHandle.get(handle);
    if (borrowed === undefined) throw refuse(say.compile.captured(place()));
    const { variable } = borrowed;
    const ref = `${nameOfVariable(variable)}/read`;
    read.add(variable);
    refOf.set(handle, ref);
    shapes.set(ref, variable.shape);
    pending.describe(ref, DTYPE[typeOf(variable)], variable.shape);
    placement.put(ref, deviceOf(variable), variable.size);
    return ref;
  };

  const recording = Object.create(real) as Binding;
  const replace = (name: string, value: unknown): unknown => Object.defineProperty(recording, name, { value });
  replace('createTensor', (shape: readonly number[], dtype: number, values: ArrayLike<number>): number => {
    const constant = toConstant(shape, dtype, values, placeOf('Const'));
    const node = nodeOf(`n${nodes.length}_Const`, 'Const', [], constant.attributes);
    nodes.push(node);
    log.push({ structure: `Const ${dtype} [${shape.join()}]`, constant: constant.values, place: logged('Const') });
    const handle = real.createTensor(shape, dtype, values);
    refOf.set(handle, node.name);
    shapes.set(node.name, [...shape]);
    pending.describeConstant(node, dtype, shape);
    return handle;
  });

  // What is computed after all may need it.
  const deleted: number[] = [];
  replace('deleteTensor', (handle: number) => void deleted.push(handle));
  replace('executeOp', ((op, attributes, handles, count) => {
    const place = placeOf(op);
    const from = handles.map((handle) => resolve(handle, place));
    const attr = Object.fromEntries(attributes.flatMap((attribute): [string, Attribute][] => {
      const value = toAttribute(real, attribute);
      return value === undefined ? [] : [[attribute.name, value]];
    }));
    const device = placement.follow(from);
    const node = nodeOf(`n${nodes.length}_${op}`, op, from, attr, device);
    nodes.push(node);
    log.push({ structure: `${op}(${from.join()}) ${JSON.stringify(attributes.map(({ name, value }) => [name, value]))}`, place: logged(op) });
    const made = pending.add(node, { op, attributes, handles, count });
    made.forEach(({ id, shape }, index) => {
      const ref = index === 0 ? node.name : `${node.name}:${index}`;
      refOf.set(id, ref);
      shapes.set(ref, shape);
      placement.put(ref, device, sizeOf(shape));
    });
    return made;
  }) satisfies Binding['executeOp']);
  for (const door of CLOSED) {
    replace(door, () => {
      const place = placeOf(door)();
      throw refuse(door === 'tensorDataSync' ? say.compile.valueRead({ ...place, op: 'the step' }) : say.compile.notAStepOperation(place, door));
    });
  }

  let returned: Readonly<Record<string, tf.Tensor>> = {};
  const stackDepth = Error.stackTraceLimit;
  const { createOutputTensor } = backend;
  const born: tf.Tensor[] = [];
  try {
    backend.binding = recording;
    backend.createOutputTensor = (output) => {
      const tensor = createOutputTensor.call(backend, output);
      born.push(tensor);
      return tensor;
    };
    Error.stackTraceLimit = STACK_DEPTH;
    tf.tidy(() => {
      const result: unknown = freeTapeOnThrow(() => step(fedTensors('input'), fedTensors('scalar') as Record<string, tf.Scalar>, within));
      if (result instanceof Promise) {
        result.catch(() => undefined);
        throw refuse(say.compile.asynchronous());
      }
      returned = result as typeof returned;
      for (const [name, tensor] of Object.entries(returned)) {
        if (!((tensor as unknown) instanceof tf.Tensor)) throw refuse(say.compile.notATensor(name));
        tf.keep(tensor);
      }
    });
    const ending = placeNow('the step', undefined, false);
    refuseOtherVariables(variables, ending);
    const outputs = Object.entries(returned).map(
      ([name, tensor]): TraceOutput => ({ name, ref: resolve(handleOf(tensor), () => ({ ...ending(), op: `output '${name}'` })), dtype: typeOf(tensor), shape: tensor.shape }),
    );
    const writes = variables.all.flatMap(({ variable, handle }) => {
      const now = handleOf(variable);
      return now === handle ? [] : [{ variable, value: resolve(now, () => ({ ...ending(), op: `the assignment to '${variable.name}'` })) }];
    });
    return { ...withVariables(nodes, read, writes, deviceOf), inputs: lifted.map(([input]) => input), outputs, shapes, log };
  } catch (error) {
    throw unwrapped(error);
  } finally {
    backend.binding = real;
    backend.createOutputTensor = createOutputTensor;
    Error.stackTraceLimit = stackDepth;
    for (const tensor of Object.values(returned)) if (tensor instanceof tf.Tensor && !(tensor instanceof tf.Variable) && !tensor.isDisposed) tensor.dispose();
    // What the step keeps for itself is computed: it may be run without being recorded next.
    for (const kept of born.filter(({ isDisposed }) => !isDisposed).map(({ dataId }) => backend.tensorMap.get(dataId))) kept.id = pending.take(kept.id);
    pending.free();
    variables.restore();
    for (const [, tensor] of lifted) tensor.dispose();
    for (const handle of deleted) real.deleteTensor(handle);
  }
};
