import { CodistillError, say } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';
import { innerLayers } from './inner-layers.ts';

/** A constructor that makes models of configurations, as `tf.LayersModel` and `tf.Sequential` are. */
type FromConfig = Pick<typeof tf.LayersModel, 'fromConfig'> & Parameters<typeof tf.LayersModel.fromConfig<tf.LayersModel>>[0];

/**
 * A model of the same layers with weights of its own. Frozen variables stay frozen.
 *
 * @param model - a built LayersModel; not changed
 * @returns a new model, which the caller disposes
 * @throws CodistillError `NOT_COPIED` where a layer's class is not registered with tfjs
 */
export const copyLayers = (model: tf.LayersModel): tf.LayersModel => {
  const kind = model.constructor as unknown as FromConfig;
  let copy: tf.LayersModel;
  try {
    // Weights begin at zero, without draws: they are about to be overwritten.
    copy = kind.fromConfig(kind, model.getConfig(), {}, true);
  } catch (error) {
    throw new CodistillError('NOT_COPIED', say.models.notCopied(error instanceof Error ? error.message : String(error)), { cause: error });
  }
  const copies = innerLayers(copy);
  for (const [index, layer] of innerLayers(model).entries()) {
    const twin = copies[index];
    if (twin === undefined) throw new CodistillError('NOT_COPIED', say.models.notCopied(`layer '${layer.name}' is missing in the copy`));
    twin.setWeights(layer.getWeights());
    twin.weights.forEach((weight, at) => {
      weight.trainable = layer.weights[at]?.trainable ?? true;
    });
  }
  return copy;
};
