import * as tf from '@tensorflow/tfjs';

interface WasmBackend {
  readonly wasm: { readonly HEAPU8: Uint8Array };
  readonly dataIdMap: { get(dataId: object): { readonly memoryOffset: number } };
  makeOutput(shape: number[], dtype: 'float32' | 'bool'): tf.TensorInfo;
  incRef(dataId: object): void;
}

interface CpuBackend {
  readonly data: { get(dataId: object): { readonly values: Float32Array | Int32Array } };
  makeTensorInfo(shape: number[], dtype: 'float32', values: Float32Array): tf.TensorInfo;
  incRef(dataId: object): void;
}

const running = (): WasmBackend | CpuBackend => tf.backend() as unknown as WasmBackend | CpuBackend;

/**
 * A float32 tensor's numbers where the wasm or cpu backend keeps them. On wasm they are valid until the heap grows, so allocate
 * first and look after.
 *
 * @param tensor - float32, of the running backend
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * declare const tensor: tf.TensorInfo;
 * const first = floatsOf(tensor)[0];
 */
export const floatsOf = (tensor: tf.TensorInfo): Float32Array => {
  const backend = running();
  if (!('wasm' in backend)) return backend.data.get(tensor.dataId).values as Float32Array;
  const { memoryOffset } = backend.dataIdMap.get(tensor.dataId);
  return new Float32Array(backend.wasm.HEAPU8.buffer, memoryOffset, tf.util.sizeFromShape(tensor.shape));
};

/**
 * An int32 tensor's numbers where the wasm or cpu backend keeps them; see {@link floatsOf}.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * declare const tensor: tf.TensorInfo;
 * const first = integersOf(tensor)[0];
 */
export const integersOf = (tensor: tf.TensorInfo): Int32Array => {
  const backend = running();
  if (!('wasm' in backend)) return backend.data.get(tensor.dataId).values as Int32Array;
  const { memoryOffset } = backend.dataIdMap.get(tensor.dataId);
  return new Int32Array(backend.wasm.HEAPU8.buffer, memoryOffset, tf.util.sizeFromShape(tensor.shape));
};

/**
 * Room for a float32 result on the wasm or cpu backend; its contents are whatever was there.
 *
 * @returns a tensor for a kernel to return, or, wrapped by {@link tensorOf}, to go on with
 * @example
 * const output = allocate([2, 2]);
 */
export const allocate = (shape: readonly number[]): tf.TensorInfo => {
  const backend = running();
  if ('wasm' in backend) return backend.makeOutput([...shape], 'float32');
  return backend.makeTensorInfo([...shape], 'float32', new Float32Array(tf.util.sizeFromShape([...shape])));
};

/**
 * A bool tensor's flags where the wasm backend keeps them, a byte each; see {@link floatsOf}.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * declare const tensor: tf.TensorInfo;
 * const first = flagsOf(tensor)[0];
 */
export const flagsOf = (tensor: tf.TensorInfo): Uint8Array => {
  const { wasm, dataIdMap } = running() as WasmBackend;
  return new Uint8Array(wasm.HEAPU8.buffer, dataIdMap.get(tensor.dataId).memoryOffset, tf.util.sizeFromShape(tensor.shape));
};

/**
 * Room for a bool result on the wasm backend; see {@link allocate}.
 *
 * @example
 * const output = allocateFlags([2, 2]);
 */
export const allocateFlags = (shape: readonly number[]): tf.TensorInfo => (running() as WasmBackend).makeOutput([...shape], 'bool');

/**
 * What was allocated as a tensor that operations take, and that the surrounding `tf.tidy` frees.
 *
 * @example
 * const doubled = tensorOf(allocate([2, 2])).mul(2);
 */
export const tensorOf = <R extends tf.Rank = tf.Rank>(info: tf.TensorInfo): tf.Tensor<R> => tf.engine().makeTensorFromTensorInfo(info) as tf.Tensor<R>;

/**
 * The same numbers under another handle, for a kernel to return: tensors are never written to, and backends count references.
 *
 * @param tensor - of the running backend
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const same = shared(tf.ones([2]));
 */
export const shared = ({ dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo => {
  running().incRef(dataId);
  return { dataId, shape, dtype };
};
