import { CodistillError, type Mode, type Named, type Network, type Readings, say, type Signal } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { disposeLayers } from './dispose-layers.ts';
import { makeRepeatable } from './repeatable.ts';
import { variableOf } from './variable-of.ts';
import { wayBehind } from './way-behind.ts';

/** tfjs's variables under the names by which a saved model knows them: `<layer>/<role>`. */
const named = (weights: tf.LayersModel['weights']): Named<tf.Variable> => {
  const variables: Record<string, tf.Variable> = {};
  for (const weight of weights) {
    if (variables[weight.originalName] !== undefined) throw new CodistillError('VARIABLE_TWICE', say.models.variableTwice(weight.originalName));
    variables[weight.originalName] = variableOf(weight);
  }
  return variables;
};

const listOf = <T>(values: T | T[]): readonly T[] => (Array.isArray(values) ? values : [values]);

/**
 * What a layer does in another way than tfjs's: sets the layer's `call`, by instance.
 *
 * @example
 * const doubles: LayerChange = (layer) => {
 *   const stock = layer.call.bind(layer);
 *   layer.call = (inputs, kwargs) => stock(inputs, kwargs);
 * };
 */
export type LayerChange = (layer: tf.layers.Layer) => void;

/**
 * A network of stock layers, of which other networks can be made.
 *
 * @example
 * import type * as tf from '@tensorflow/tfjs';
 * const layerOf = (network: LayersNetwork, signal: Signal): tf.layers.Layer | undefined => network.signals[signal]?.sourceLayer;
 */
export interface LayersNetwork<Emits extends Signal = Signal> extends Network<Emits> {
  /** The outputs of `layers` that signals are read from. */
  readonly signals: Readonly<Record<Emits, tf.SymbolicTensor>>;
  /** What some layers do in another way than stock ones, by the layer's name. */
  readonly changes: Readonly<Record<string, LayerChange>>;
}

/**
 * The layers between two ends as a callable: tfjs's executor begins at whatever tensors a model has for `inputs`; it is the
 * constructor of models alone that wants input layers there.
 */
const between = (start: tf.SymbolicTensor, ends: readonly tf.SymbolicTensor[]): tf.LayersModel =>
  Object.create(tf.LayersModel.prototype, { inputs: { value: [start] }, outputs: { value: ends } }) as tf.LayersModel;

/**
 * Makes a network of an ordinary `tf.LayersModel` of stock layers: the way all models of this package are built, and any model of
 * yours can be.
 *
 * - Whatever signals are asked for come from one forward pass.
 * - Training uses our batch norm (fused gradient), dropout (masks from the step's key) and convolution (no gradient of the
 *   input unless it is wanted), put in place of the layers' own `call`; class names and configurations stay stock, so plain tfjs loads what `layers.save` writes.
 * - Parameters are the model's trainable variables, buffers the others (moving averages, frozen layers), by their saved names:
 *   `block1/conv/kernel`.
 * - Losses that layers add by themselves (regularisers) are not applied: weight decay is the optimizer's.
 *
 * @param layers - built, with its weights set, and with one input; the network owns it, changes its layers' calls and disposes it
 * @param signals - what is emitted: outputs of layers of this model, by signal
 * @param changes - what some layers do in another way than stock ones, by the layer's name; default nothing. Networks that are made
 *   of this one keep it, but a saved model does not
 * @throws CodistillError `SIGNAL_FOREIGN`, `VARIABLE_TWICE`, `DRAWS_ON_HOST`, `KEEPS_STATE`, `NORMALISES_AXIS`, `INPUTS_COUNT`; from
 *   `read` and `readFrom` `SIGNAL_UNKNOWN`; from `readFrom` `SIGNAL_BEFORE`, `SIGNAL_AROUND`
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const linear = defineModel({
 *   name: 'linear',
 *   emits: ['logits'],
 *   build: ({ input, classes }, key) => {
 *     const x = tf.input({ shape: [...input] });
 *     const logits = tf.layers.dense({ units: classes, name: 'head', kernelInitializer: 'zeros' }).apply(x) as tf.SymbolicTensor;
 *     const layers = tf.model({ inputs: x, outputs: logits });
 *     initialise(layers, key);
 *     return network(layers, { logits });
 *   },
 * });
 */
export const network = <Emits extends Signal>(
  layers: tf.LayersModel,
  signals: Readonly<Record<Emits, tf.SymbolicTensor>>,
  changes: Readonly<Record<string, LayerChange>> = {},
): LayersNetwork<Emits> => {
  const emitted = Object.entries(signals) as [Emits, tf.SymbolicTensor][];
  for (const [signal, { sourceLayer }] of emitted) {
    if (!layers.layers.includes(sourceLayer)) {
      throw new CodistillError('SIGNAL_FOREIGN', say.models.signalForeign(signal, layers.layers.map(({ name }) => name)));
    }
  }
  const variables = Object.entries(named(layers.weights));
  const trainable = new Set<tf.Tensor>(layers.trainableWeights.map((weight) => weight.read()));
  const parameters = Object.fromEntries(variables.filter(([, variable]) => trainable.has(variable)));
  const buffers = Object.fromEntries(variables.filter(([, variable]) => !trainable.has(variable)));
  makeRepeatable(layers);
  for (const layer of layers.layers) changes[layer.name]?.(layer);

  const [image] = layers.inputs;
  if (image === undefined || layers.inputs.length > 1) throw new CodistillError('INPUTS_COUNT', say.models.inputsCount(layers.inputNames));
  const sourceOf = (signal: Emits): tf.SymbolicTensor => {
    const source = signals[signal] as tf.SymbolicTensor | undefined;
    if (source === undefined) throw new CodistillError('SIGNAL_UNKNOWN', say.models.signalUnknown(signal, Object.keys(signals)));
    return source;
  };

  const pass = <S extends Emits>(start: tf.SymbolicTensor, value: tf.Tensor, wanted: readonly S[], mode: Mode): Readings<S> => {
    const sources = wanted.map(sourceOf);
    const ends = [...new Set(sources)];
    if (ends.length === 0) return {} as Readings<S>;
    return tf.tidy(() => {
      const values = listOf(between(start, ends).call(value, { ...mode }));
      // Signals that share an output get tensors of their own, which the caller may dispose one by one; so does one that was given.
      return Object.fromEntries(
        wanted.map((signal, index) => {
          const source = sources[index] as tf.SymbolicTensor;
          const reading = values[ends.indexOf(source)] as tf.Tensor;
          return [signal, sources.indexOf(source) === index && reading !== value ? reading : reading.clone()];
        }),
      );
    }) as Readings<S>;
  };

  return {
    layers,
    signals,
    changes,
    parameters,
    buffers,
    read: (input, wanted, mode) => pass(image, input, wanted, mode),
    readFrom: (start, value, wanted, mode) => {
      const from = sourceOf(start);
      for (const signal of wanted) {
        const way = wayBehind(from, sourceOf(signal));
        if (way === 'none') throw new CodistillError('SIGNAL_BEFORE', say.models.signalBefore(signal, start));
        if (way === 'around') throw new CodistillError('SIGNAL_AROUND', say.models.signalAround(signal, start));
      }
      return pass(from, value, wanted, mode);
    },
    dispose: () => {
      disposeLayers(layers);
    },
  };
};
