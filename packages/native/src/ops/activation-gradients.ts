import type { Kernel } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { FLOAT, execute } from './execute.ts';

interface ActivationGradient {
  /** tfjs's name of the activation. */
  readonly kernel: string;
  /** TensorFlow's operation for its gradient, and our name for the kernel. */
  readonly gradient: string;
  /** Whether the gradient is computed of the input or of the output. */
  readonly of: 'input' | 'output';
  /** Whether TensorFlow wants what came from above second; default false. */
  readonly takesOutputFirst?: boolean;
  /** Derivative of the gradient per unit of what came from above, by what it is computed of. */
  readonly curvature: (of: tf.Tensor) => tf.Tensor;
}

const flat = (of: tf.Tensor): tf.Tensor => tf.zerosLike(of);

/** Activations whose gradient TensorFlow computes in one kernel where tfjs composes several. */
const ACTIVATIONS: readonly ActivationGradient[] = [
  // Of the output, which the next layer keeps anyhow: the input need not live on.
  { kernel: 'Relu', gradient: 'ReluGrad', of: 'output', curvature: flat },
  { kernel: 'Relu6', gradient: 'Relu6Grad', of: 'output', curvature: flat },
  { kernel: 'Sigmoid', gradient: 'SigmoidGrad', of: 'output', takesOutputFirst: true, curvature: (y) => tf.sub(1, tf.mul(y, 2)) },
  { kernel: 'Tanh', gradient: 'TanhGrad', of: 'output', takesOutputFirst: true, curvature: (y) => tf.mul(y, -2) },
  { kernel: 'Softplus', gradient: 'SoftplusGrad', of: 'input', curvature: (x) => tf.mul(tf.sigmoid(x), tf.sigmoid(tf.neg(x))) },
];

/**
 * The kernels, under TensorFlow's names: inputs `dy` and `of`.
 *
 * @example
 * console.log(activationGradients.map(({ name }) => name)); // ['ReluGrad', …]
 */
export const activationGradients: readonly Kernel[] = ACTIVATIONS.map(({ gradient, takesOutputFirst = false }) => ({
  name: gradient,
  compute: (inputs) => {
    const pair = inputs as Readonly<Record<'dy' | 'of', tf.Tensor>>;
    return execute(gradient, { T: ['TYPE', FLOAT] }, takesOutputFirst ? [pair.of, pair.dy] : [pair.dy, pair.of])[0] as tf.Tensor;
  },
}));

const isHere = (kernel: string): boolean => (tf.getKernel(kernel, tf.getBackend()) as tf.KernelConfig | undefined) !== undefined;

/** Marks what is replaced already: the registry outlives module instances. */
const REPLACED = Symbol.for('codistill.gradient');

/**
 * Lets the gradients of activations use these kernels where the backend in use has them; elsewhere they stay as they are.
 *
 * @example
 * useActivationGradients();
 */
export const useActivationGradients = (): void => {
  for (const { kernel, gradient, of, curvature } of ACTIVATIONS) {
    const stock = tf.getGradient(kernel);
    if (REPLACED in stock) continue;
    const run = (dy: tf.Tensor, at: tf.Tensor): tf.Tensor => tf.engine().runKernel(gradient, { dy, of: at });
    const replacement: tf.GradConfig & { readonly [REPLACED]: true } = {
      ...stock,
      get inputsToSave() {
        return isHere(gradient) ? (of === 'input' ? ['x'] : []) : (stock.inputsToSave ?? []);
      },
      get outputsToSave() {
        return isHere(gradient) ? [of === 'output'] : (stock.outputsToSave ?? []);
      },
      gradFunc: (dy, saved, attributes) => (isHere(gradient) ? { x: () => run(dy as tf.Tensor, saved[0] as tf.Tensor) } : stock.gradFunc(dy, saved, attributes)),
      [REPLACED]: true,
    };
    tf.unregisterGradient(kernel);
    tf.registerGradient(replacement);
    tf.registerGradient({
      kernelName: gradient,
      inputsToSave: ['dy', 'of'],
      gradFunc: (above, saved) => {
        const [dy, at] = saved as [tf.Tensor, tf.Tensor];
        // The gradient is linear in dy; of an output y, f′ is a function of y, and ∂f′/∂y is what `curvature` says.
        return { dy: () => run(above as tf.Tensor, at), of: () => tf.mul(tf.mul(above as tf.Tensor, dy), curvature(at)) };
      },
    });
  }
};
