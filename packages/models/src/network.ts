import { CodistillError, type Named, type Network, type Readings, say, type Signal } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { disposeLayers } from './dispose-layers.ts';
import { makeRepeatable } from './repeatable.ts';
import { variableOf } from './variable-of.ts';

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
 * @throws CodistillError `SIGNAL_FOREIGN`, `VARIABLE_TWICE`, `DRAWS_ON_HOST`, `KEEPS_STATE`, `NORMALISES_AXIS`; from `read`
 *   `SIGNAL_UNKNOWN`
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
export const network = <Emits extends Signal>(layers: tf.LayersModel, signals: Readonly<Record<Emits, tf.SymbolicTensor>>): Network<Emits> => {
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

  // A model per set of outputs, over the same layers: made when first asked for, and holding no tensors.
  const views = new Map<string, tf.LayersModel>();
  const viewOf = (outputs: readonly tf.SymbolicTensor[]): tf.LayersModel => {
    const name = outputs.map((output) => output.id).join();
    const view = views.get(name) ?? tf.model({ inputs: layers.inputs, outputs: [...outputs], name: 'view' });
    views.set(name, view);
    return view;
  };

  return {
    layers,
    parameters,
    buffers,
    read: <S extends Emits>(input: tf.Tensor, wanted: readonly S[], mode: Parameters<Network<Emits>['read']>[2]): Readings<S> => {
      const sources = wanted.map((signal) => {
        const source = signals[signal] as tf.SymbolicTensor | undefined;
        if (source === undefined) throw new CodistillError('SIGNAL_UNKNOWN', say.models.signalUnknown(signal, Object.keys(signals)));
        return source;
      });
      const outputs = [...new Set(sources)];
      if (outputs.length === 0) return {} as Readings<S>;
      const readings = tf.tidy(() => {
        const values = listOf(viewOf(outputs).apply(input, { ...mode }) as tf.Tensor | tf.Tensor[]);
        // Signals that share an output get tensors of their own, which the caller may dispose one by one.
        return Object.fromEntries(
          wanted.map((signal, index) => {
            const source = sources[index] as tf.SymbolicTensor;
            const value = values[outputs.indexOf(source)] as tf.Tensor;
            return [signal, sources.indexOf(source) === index ? value : value.clone()];
          }),
        );
      });
      return readings as Readings<S>;
    },
    dispose: () => {
      disposeLayers(layers);
    },
  };
};
