import { CodistillError, say } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';
import { innerLayers } from './inner-layers.ts';

/**
 * Copies the weights of a layer, or of all layers of a model, into its copy. Frozen variables stay frozen.
 *
 * @param from - built; not changed
 * @param to - the same, made of its configuration, and built
 * @throws CodistillError `NOT_COPIED`
 */
export const takeWeights = (from: tf.layers.Layer, to: tf.layers.Layer): void => {
  // Layer by layer: a model lists what learns before what is frozen, and its copy may not know yet what is.
  const copies = innerLayers(to);
  for (const [index, layer] of innerLayers(from).entries()) {
    const twin = copies[index];
    if (twin === undefined) throw new CodistillError('NOT_COPIED', say.models.notCopied(`layer '${layer.name}' is missing in the copy`));
    twin.setWeights(layer.getWeights());
    twin.weights.forEach((weight, at) => {
      weight.trainable = layer.weights[at]?.trainable ?? true;
    });
  }
};
