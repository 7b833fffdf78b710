import { CodistillError, say } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';
import { takeWeights } from './take-weights.ts';

/** A constructor that makes layers of configurations, as those of tfjs's layers and models are. */
type FromConfig = Pick<typeof tf.LayersModel, 'fromConfig'> & Parameters<typeof tf.LayersModel.fromConfig<tf.LayersModel>>[0];

/**
 * A layer of the same kind and configuration; a model is one too.
 *
 * @param layer - not changed
 * @param name - of the new one
 * @returns without the weights, and not built, but for a model
 * @throws CodistillError `NOT_COPIED` where a layer's class is not registered with tfjs
 */
export const copyLayer = <L extends tf.layers.Layer>(layer: L, name: string): L => {
  const kind = layer.constructor as unknown as FromConfig;
  try {
    // Weights begin at zero, without draws: they are about to be overwritten.
    const copy = kind.fromConfig(kind, { ...layer.getConfig(), name }, {}, true) as tf.layers.Layer as L;
    copy.setFastWeightInitDuringBuild(true);
    return copy;
  } catch (error) {
    throw new CodistillError('NOT_COPIED', say.models.notCopied(error instanceof Error ? error.message : String(error)), { cause: error });
  }
};

/**
 * A model of the same layers with weights of its own. Frozen variables stay frozen.
 *
 * @param model - a built LayersModel; not changed
 * @returns a new model, which the caller disposes
 * @throws CodistillError `NOT_COPIED` where a layer's class is not registered with tfjs
 */
export const copyLayers = (model: tf.LayersModel): tf.LayersModel => {
  const copy = copyLayer(model, model.name);
  takeWeights(model, copy);
  return copy;
};
