import type * as tf from '@tensorflow/tfjs';

/**
 * Frees a model with all its variables. tfjs counts how often a layer is applied and frees one application, so that the variables
 * of layers that are applied twice would stay.
 *
 * @param layers - a model, or a layer, that nobody else uses
 */
export const disposeLayers = (layers: tf.layers.Layer): void => {
  const variables = layers.weights.map((weight) => weight.read());
  layers.dispose();
  for (const variable of variables) if (!variable.isDisposed) variable.dispose();
};
