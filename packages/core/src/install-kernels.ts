import * as tf from '@tensorflow/tfjs';

/**
 * How a kernel is computed, and on what: tfjs's own extension point, with the inputs as tensors.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const negate: Kernel = { name: 'Neg', compute: ({ x }) => tf.sub(0, x as tf.Tensor) };
 */
export interface Kernel {
  readonly name: string;
  /**
   * @param inputs - by the names the operation gives them
   * @param attributes - the operation's attributes
   * @param stock - the kernel that tfjs registered for this name, where there is one
   * @returns a new tensor; several where the operation has several; intermediate ones are freed by whoever installs the kernel
   */
  readonly compute: (inputs: Readonly<Record<string, tf.Tensor>>, attributes: never, stock: Stock) => tf.Tensor | tf.TensorInfo | tf.Tensor[];
}

/**
 * Runs the kernel that was there before.
 *
 * @example
 * import type * as tf from '@tensorflow/tfjs';
 * const negated = (stock: Stock, x: tf.Tensor): tf.TensorInfo => stock({ x }, {});
 */
export type Stock = (inputs: Readonly<Record<string, tf.Tensor>>, attributes: object) => tf.TensorInfo;

/** The tfjs engine outlives module instances, so what is installed is remembered on it and not in a variable here. */
const INSTALLED = Symbol.for('codistill.kernels');
const installed = (): Set<string> => {
  const engine = tf.engine() as unknown as Record<symbol, Set<string> | undefined>;
  return (engine[INSTALLED] ??= new Set());
};

/**
 * Registers kernels for a backend, in the place of stock ones of the same name. Operations inside a kernel are not recorded for
 * gradients: the operation it belongs to has its own. A kernel that was installed before is left as it is: twice over it would
 * correct what is right already.
 *
 * @param backend - name of a tfjs backend
 * @param kernels - each name once
 * @example
 * installKernels('cpu', []);
 */
export const installKernels = (backend: string, kernels: readonly Kernel[]): void => {
  for (const { name, compute } of kernels) {
    if (installed().has(`${backend}/${name}`)) continue;
    installed().add(`${backend}/${name}`);
    const before = tf.getKernel(name, backend) as tf.KernelConfig | undefined;
    if (before !== undefined) tf.unregisterKernel(name, backend);
    tf.registerKernel({
      kernelName: name,
      backendName: backend,
      kernelFunc: ({ inputs, attrs, backend: running }) => {
        const stock: Stock = (others, attributes) => {
          if (before === undefined) throw new Error(`internal: tfjs has no kernel '${name}' for '${backend}'`);
          return before.kernelFunc({ inputs: others, attrs: attributes as tf.NamedAttrMap, backend: running }) as tf.TensorInfo;
        };
        return tf.tidy(() => compute(inputs as unknown as Record<string, tf.Tensor>, attrs as never, stock) as tf.Tensor | tf.Tensor[]);
      },
    });
  }
};
