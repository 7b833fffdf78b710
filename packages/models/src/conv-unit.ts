import * as tf from '@tensorflow/tfjs';

/** Of the layers of a unit. */
interface ConvUnitOptions {
  /** Layers are called `<at>_conv<n>`, `<at>_bn<n>`, `<at>_relu<n>`. */
  readonly at: string;
  readonly n?: number;
  /** Output channels; `'depthwise'` convolves each channel by itself. */
  readonly filters: number | 'depthwise';
  readonly kernelSize?: number;
  readonly strides?: number;
  readonly activation?: 'relu' | 'relu6' | 'none';
}

/** `momentum` of the moving averages and `epsilon` are PyTorch's defaults (its momentum 0.1 is this 0.9), not TensorFlow's. */
const BATCH_NORM = { momentum: 0.9, epsilon: 1e-5 } as const;

/** Convolution without bias, padded TensorFlow's way (`'same'`: at the end, where the stride is 2), batch norm, rectifier. */
export const convUnit = (
  x: tf.SymbolicTensor,
  { at, n = 1, filters, kernelSize = 3, strides = 1, activation = 'relu' }: ConvUnitOptions,
): tf.SymbolicTensor => {
  const common = { kernelSize, strides, padding: 'same', useBias: false, name: `${at}_conv${n}` } as const;
  const convolution =
    filters === 'depthwise'
      ? tf.layers.depthwiseConv2d({ ...common, depthwiseInitializer: 'zeros' })
      : tf.layers.conv2d({ ...common, filters, kernelInitializer: 'zeros' });
  const normed = tf.layers.batchNormalization({ ...BATCH_NORM, name: `${at}_bn${n}` }).apply(convolution.apply(x));
  if (activation === 'none') return normed as tf.SymbolicTensor;
  return tf.layers.reLU({ name: `${at}_relu${n}`, ...(activation === 'relu6' ? { maxValue: 6 } : {}) }).apply(normed) as tf.SymbolicTensor;
};
