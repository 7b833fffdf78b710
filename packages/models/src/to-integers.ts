import { CodistillError, type Named, type Network, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import type { LayersNetwork } from './network.ts';
import { integersOf, stepFactors, stepsOf } from './quantise.ts';
import { type ActivationQuantiser, type KernelQuantiser, kernelOf } from './quantisers.ts';
import { regrow } from './regrow.ts';

/**
 * A kernel as integers: the weight at an index is its integer times its channel's scale.
 *
 * @example
 * const first = ({ integers, scales }: IntegerKernel): number => (integers[0] ?? 0) * (scales[0] ?? 0);
 */
export interface IntegerKernel {
  readonly bits: number;
  readonly shape: readonly number[];
  /** Within `±(2^(bits − 1) − 1)`, row-major. */
  readonly integers: Int8Array;
  /** One step per channel (or one for all), to be broadcast from {@link scaleShape}. */
  readonly scales: Float32Array;
  /** Of the kernel's rank, with 1 where a step is shared. */
  readonly scaleShape: readonly number[];
}

/**
 * What is deployed of a network of few bits.
 *
 * @example
 * const saved = ({ bytes }: IntegerNetwork): number => 1 - bytes.packed / bytes.float;
 */
export interface IntegerNetwork {
  /** The kernels that are integers, by the name of their variable. */
  readonly kernels: Named<IntegerKernel>;
  /** All weights of the network: as floats, and with those kernels packed at their width, beside their scales and the rest as floats. */
  readonly bytes: { readonly float: number; readonly packed: number };
  /**
   * Gives the network's logits with stock layers: kernels are the integers times their scales, and activations are rounded by looking
   * them up in a table of steps. Plain tfjs saves and loads it. The caller disposes it.
   */
  readonly layers: tf.LayersModel;
}

/** Rounds to steps with layers of tfjs: counts steps, adds a half, clips, and looks up what the whole number stands for. */
const rounding = (x: tf.SymbolicTensor, name: string, bits: number, clip: tf.Tensor): tf.SymbolicTensor => {
  const shape = x.shape.slice(1) as number[];
  const counted = tf.layers.batchNormalization({ epsilon: 0, name: `${name}_count` });
  const table = tf.layers.embedding({ inputDim: stepsOf(bits) + 1, outputDim: 1, embeddingsInitializer: 'zeros', name: `${name}_steps` });
  // An embedding takes integers, and makes them of floats by cutting off what is behind the point.
  const whole = tf.layers.reLU({ maxValue: stepsOf(bits) + 0.5, name: `${name}_range` }).apply(counted.apply(x));
  const rounded = tf.layers.reshape({ targetShape: shape, name: `${name}_map` }).apply(table.apply(whole)) as tf.SymbolicTensor;
  tf.tidy(() => {
    const { count, back } = stepFactors(clip, bits);
    const each = [shape.at(-1) ?? 0];
    counted.setWeights([tf.mul(tf.ones(each), count), tf.fill(each, 0.5), tf.zeros(each), tf.ones(each)]);
    table.setWeights([tf.reshape(tf.mul(tf.range(0, stepsOf(bits) + 1, 1, 'float32'), back), [-1, 1])]);
  });
  return rounded;
};

/**
 * Turns a network of {@link lowBit} into what is deployed: kernels as integers of its width with scales, and a model that runs
 * with them.
 *
 * @param network - trained or not; not changed
 * @returns see {@link IntegerNetwork}
 * @throws CodistillError `NOT_LOW_BIT`
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const network = lowBit(resnet({ depth: 8 }), { bits: 2 }).build({ input: [32, 32, 3], classes: 10 }, [0, 7]);
 * const { kernels, bytes, layers } = await toIntegers(network);
 * console.log(Object.keys(kernels).length, bytes.packed / bytes.float);
 * layers.dispose();
 */
export const toIntegers = async (network: Network): Promise<IntegerNetwork> => {
  const changes = Object.entries((network as Partial<LayersNetwork>).changes ?? {}) as [string, Partial<KernelQuantiser | ActivationQuantiser>][];
  const ofKernels = changes.filter((entry): entry is [string, KernelQuantiser] => entry[1].quantises === 'kernel');
  const ofActivations = new Map(changes.filter((entry): entry is [string, ActivationQuantiser] => entry[1].quantises === 'activations'));
  if (ofKernels.length === 0) throw new CodistillError('NOT_LOW_BIT', say.models.notLowBit());

  const image = network.layers.inputs[0] as tf.SymbolicTensor;
  const input = tf.input({ batchShape: image.shape, name: 'input' });
  const grown = regrow({ changes: {} }, new Map([[image, input]]), {
    replace: (output, layer) => {
      const change = ofActivations.get(layer.name);
      if (change === undefined) return output;
      const clip = layer.weights[0]?.read() ?? tf.scalar(change.clip ?? 0);
      const rounded = rounding(output, layer.name, change.bits, clip);
      if (layer.weights.length === 0) clip.dispose();
      return rounded;
    },
  });
  const layers = tf.model({ inputs: input, outputs: network.layers.outputs.map(grown.at), name: 'integers' });

  let packed = 0;
  const kernels = await Promise.all(
    ofKernels.map(async ([name, { bits, axes }]) => {
      const kernel = kernelOf(layers.getLayer(name)) as tf.layers.Layer['weights'][number];
      const { integers, scales } = integersOf(kernel.read(), bits, axes);
      tf.tidy(() => {
        kernel.write(tf.mul(integers, scales));
      });
      const [whole, steps] = (await Promise.all([integers.data(), scales.data()])) as [Float32Array, Float32Array];
      packed += Math.ceil((whole.length * bits) / 8) + 4 * steps.length - 4 * whole.length;
      const made: IntegerKernel = { bits, shape: integers.shape, integers: Int8Array.from(whole), scales: Float32Array.from(steps), scaleShape: scales.shape };
      tf.dispose([integers, scales]);
      return [kernel.originalName, made] as const;
    }),
  );
  const float = 4 * network.layers.countParams();
  return { kernels: Object.fromEntries(kernels), bytes: { float, packed: float + packed }, layers };
};
