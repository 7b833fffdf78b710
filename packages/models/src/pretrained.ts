import { CodistillError, defineModel, type Model, type Named, type Network, type Normalisation, say, type Signal } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { checksum, type Weights } from './weights.ts';

/**
 * Options of {@link pretrained}.
 *
 * @example
 * const options: PretrainedOptions = { normalisation: { mean: [0.49, 0.48, 0.45], std: [0.25, 0.24, 0.26] } };
 */
export interface PretrainedOptions {
  /** The normalisation the weights were trained with; default the model's own, or the data's. */
  readonly normalisation?: Normalisation;
}

const shapeOf = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** What differs, a phrase each. */
const differences = (variables: Named<tf.Variable>, weights: Weights): readonly string[] => [
  ...Object.entries(variables).flatMap(([name, { shape }]) => {
    const given = weights[name]?.shape;
    if (given === undefined) return [`'${name}' is missing`];
    return shapeOf(given) === shapeOf(shape) ? [] : [`'${name}' is ${shapeOf(given)} instead of ${shapeOf(shape)}`];
  }),
  ...Object.keys(weights).flatMap((name) => (variables[name] === undefined ? [`'${name}' is not the model's`] : [])),
];

/**
 * A model that begins with given weights in place of drawn ones: for teachers that were trained before, or for training on.
 *
 * The weights' checksum is among the options of the part, so that a checkpoint of a run with other weights is recognised as foreign.
 *
 * @param model - the architecture the weights belong to
 * @param weights - a value for every variable of the network, moving averages included, and for nothing else; not copied, so it must
 *   not change
 * @param options - see {@link PretrainedOptions}
 * @returns a model that is the same for every key
 * @throws CodistillError from `build` `WEIGHTS_DIFFER`, which lists all names and shapes that differ
 * @example
 * declare const weights: Weights;
 * const teacher = pretrained(resnet({ depth: 20 }), weights);
 */
export const pretrained = <const Emits extends Signal, const Classes extends number = number>(
  model: Model<Emits, Classes>,
  weights: Weights,
  { normalisation }: PretrainedOptions = {},
): Model<Emits, Classes> =>
  defineModel<Emits, Classes>({
    package: '@codistill/models',
    name: 'pretrained',
    options: { of: model, weights: checksum(weights), ...(normalisation === undefined ? {} : { normalisation: { ...normalisation } }) },
    emits: model.emits,
    classes: model.classes,
    normalisation: normalisation ?? model.normalisation,
    build: (site, key): Network<Emits> => {
      const network = model.build(site, key);
      const variables = { ...network.parameters, ...network.buffers };
      const differ = differences(variables, weights);
      if (differ.length > 0) {
        network.dispose();
        throw new CodistillError('WEIGHTS_DIFFER', say.models.weightsDiffer(model.name, differ));
      }
      tf.tidy(() => {
        for (const [name, variable] of Object.entries(variables)) variable.assign(tf.tensor(weights[name]?.values ?? [], variable.shape));
      });
      return network;
    },
  });
