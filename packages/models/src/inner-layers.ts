import type * as tf from '@tensorflow/tfjs';

/** Where tfjs's models and wrappers keep the layers they are made of. */
interface Holder extends tf.layers.Layer {
  readonly layers?: readonly tf.layers.Layer[];
  readonly layer?: tf.layers.Layer;
  readonly forwardLayer?: tf.layers.Layer;
  readonly backwardLayer?: tf.layers.Layer;
}

/**
 * All layers that hold no others, those of models and wrappers inside the model included, each once.
 *
 * @param model - a model, or a layer
 * @returns in the order of the model
 */
export const innerLayers = (model: tf.layers.Layer): readonly tf.layers.Layer[] => {
  const { layers, layer, forwardLayer, backwardLayer } = model as Holder;
  const held = layers ?? [layer, forwardLayer, backwardLayer].filter((inner) => inner !== undefined);
  return held.length === 0 ? [model] : [...new Set(held.flatMap(innerLayers))];
};
