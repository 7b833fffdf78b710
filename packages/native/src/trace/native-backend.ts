import * as tf from '@tensorflow/tfjs';

/**
 * An attribute as tfjs-node hands it to TensorFlow.
 *
 * @example
 * const typed: OpAttribute = { name: 'T', type: 0, value: 1 };
 */
export interface OpAttribute {
  readonly name: string;
  /** One of the binding's `TF_ATTR_` numbers. */
  readonly type: number;
  readonly value: unknown;
}

/**
 * The part of tfjs-node's addon that tensors pass through. Handles are never used twice.
 *
 * @example
 * const copy = (binding: Binding, handle: number): number | undefined => binding.executeOp('Identity', [], [handle], 1)[0]?.id;
 */
export interface Binding {
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_SHAPE: number;
  createTensor(shape: readonly number[], dtype: number, values: ArrayLike<number>): number;
  executeOp(op: string, attributes: readonly OpAttribute[], inputs: readonly number[], outputs: number): readonly Made[];
  deleteTensor(handle: number): void;
  tensorDataSync(handle: number): unknown;
}

/**
 * A tensor TensorFlow made.
 *
 * @example
 * const made: Made = { id: 7, dtype: 1, shape: [2] };
 */
export interface Made {
  readonly id: number;
  readonly dtype: number;
  readonly shape: readonly number[];
}

/**
 * tfjs-node's backend, as much of it as recording needs.
 *
 * @example
 * import type * as tf from '@tensorflow/tfjs';
 * const handleOf = (backend: NativeBackend, tensor: tf.Tensor): number | undefined => backend.getInputTensorIds([tensor])[0];
 */
export interface NativeBackend {
  /** A plain property: what replaces it sees every operation. */
  binding: Binding;
  readonly tensorMap: { get(dataId: object): { id: number } };
  /** Makes every tensor that is an operation's output. */
  createOutputTensor(made: Made): tf.Tensor;
  /** Handles of tensors; values that are still on the host are handed to the binding for it. */
  getInputTensorIds(tensors: readonly tf.Tensor[]): readonly number[];
  executeSingleOutput(op: string, attributes: readonly OpAttribute[], inputs: readonly tf.Tensor[]): tf.Tensor;
}

/**
 * The backend in use, if it is TensorFlow's.
 *
 * @example
 * const isNative = nativeBackend() !== undefined;
 */
export const nativeBackend = (): NativeBackend | undefined => {
  if ((tf.engine().backendName as string | undefined) !== 'tensorflow') return undefined;
  const backend = tf.backend() as unknown as Partial<NativeBackend>;
  return backend.binding === undefined || backend.tensorMap === undefined ? undefined : (backend as NativeBackend);
};

/**
 * The engine's memory of variables and scopes, which tfjs keeps but does not declare.
 *
 * @example
 * const names = Object.keys(engineState().registeredVariables);
 */
export const engineState = (): { readonly registeredVariables: Readonly<Record<string, tf.Variable>>; readonly scopeStack: readonly { readonly name: string }[] } =>
  tf.engine().state;
