import * as tf from '@tensorflow/tfjs';
import type { LayerChange } from './network.ts';
import { quantiseActivations, quantiseKernel } from './quantise.ts';

type LayerVariable = tf.layers.Layer['weights'][number];

/** A change by which a layer computes with a kernel of few bits, whose variable holds the weights it is made of. */
export interface KernelQuantiser extends LayerChange {
  readonly quantises: 'kernel';
  readonly bits: number;
  /** The axes of the kernel over which a step is shared. */
  readonly axes: readonly number[];
}

/** A change by which a layer rounds what it is given. */
export interface ActivationQuantiser extends LayerChange {
  readonly quantises: 'activations';
  readonly bits: number;
  /** The number at which it clips; `null` where the layer has a variable for it. */
  readonly clip: number | null;
}

/** The kernel of a layer, which all layers with weights that are quantised have. */
export const kernelOf = (layer: tf.layers.Layer): LayerVariable | undefined => {
  const { kernel, depthwiseKernel } = layer as tf.layers.Layer & { readonly kernel?: LayerVariable; readonly depthwiseKernel?: LayerVariable };
  return depthwiseKernel ?? kernel;
};

/** The axes of a kernel over which a channel's step is shared: all but that of what the kernel gives. */
const sharedAxes = (kernel: LayerVariable, per: 'channel' | 'tensor'): readonly number[] => {
  const axes = kernel.shape.map((_, axis) => axis);
  if (per === 'tensor') return axes;
  // A depthwise kernel is [height, width, in, multiplier] and gives in · multiplier channels.
  return kernel.originalName.endsWith('depthwise_kernel') ? axes.slice(0, 2) : axes.slice(0, -1);
};

/** Makes a layer with a kernel compute with one of few bits. */
export const kernelQuantiser = (layer: tf.layers.Layer, bits: number, per: 'channel' | 'tensor'): KernelQuantiser => {
  const kernel = kernelOf(layer);
  const axes = kernel === undefined ? [] : sharedAxes(kernel, per);
  const change: LayerChange = (changed) => {
    const call = changed.call.bind(changed);
    changed.call = (inputs, kwargs) => {
      const own = kernelOf(changed);
      if (own === undefined) return call(inputs, kwargs);
      const read = own.read.bind(own);
      // For the length of the call the layer reads the rounded kernel, in whatever way it computes with it.
      own.read = () => quantiseKernel(read(), bits, axes);
      try {
        return tf.tidy(() => call(inputs, kwargs));
      } finally {
        own.read = read;
      }
    };
  };
  return Object.assign(change, { quantises: 'kernel', bits, axes } as const);
};

/** Makes a layer that hands on what it is given round it, to steps below its only weight or a fixed clip. */
export const activationQuantiser = (bits: number, clip: number | null): ActivationQuantiser => {
  const change: LayerChange = (layer) => {
    layer.call = (inputs) => {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor;
      return tf.tidy(() => quantiseActivations(x, clip === null ? (layer.weights[0] as LayerVariable).read() : tf.scalar(clip), bits));
    };
  };
  return Object.assign(change, { quantises: 'activations', bits, clip } as const);
};
