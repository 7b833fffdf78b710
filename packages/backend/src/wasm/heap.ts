import * as tf from '@tensorflow/tfjs';

interface WasmBackend {
  readonly wasm: { readonly HEAPU8: Uint8Array };
  readonly dataIdMap: { get(dataId: object): { readonly memoryOffset: number } };
  makeOutput(shape: number[], dtype: 'float32' | 'int32'): tf.TensorInfo;
}

const running = (): WasmBackend => tf.backend() as unknown as WasmBackend;

const offsetOf = (tensor: tf.TensorInfo): readonly [ArrayBufferLike, number, number] => {
  const { wasm, dataIdMap } = running();
  return [wasm.HEAPU8.buffer, dataIdMap.get(tensor.dataId).memoryOffset, tf.util.sizeFromShape(tensor.shape)];
};

/**
 * A float32 tensor's numbers where the wasm backend keeps them. Valid until the heap grows, so allocate first and look after.
 *
 * @param tensor - of the wasm backend
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * declare const tensor: tf.TensorInfo;
 * const first = floatsOf(tensor)[0];
 */
export const floatsOf = (tensor: tf.TensorInfo): Float32Array => new Float32Array(...offsetOf(tensor));

/**
 * An int32 tensor's numbers where the wasm backend keeps them; see {@link floatsOf}.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * declare const tensor: tf.TensorInfo;
 * const first = integersOf(tensor)[0];
 */
export const integersOf = (tensor: tf.TensorInfo): Int32Array => new Int32Array(...offsetOf(tensor));

/**
 * Room for a float32 result on the wasm heap; its contents are whatever was there.
 *
 * @example
 * const output = allocate([2, 2]);
 */
export const allocate = (shape: readonly number[]): tf.TensorInfo => running().makeOutput([...shape], 'float32');
