import { keyedDropout } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';

/** What tfjs's dropout layers keep, beyond what their type shows. */
interface Dropout extends tf.layers.Layer {
  readonly rate: number;
  /** Shape of the mask where it is not the input's. */
  getNoiseShape(input: tf.Tensor): number[] | undefined;
}

/**
 * Replaces the mask of a dropout layer, which tfjs draws on the host, by `keyedDropout` of core: a mask from the key tensor of the
 * step. Without a key, as in tfjs's own `fit`, and in inference the layer does what it always did.
 *
 * @param layer - an instance of tfjs's `Dropout` or `SpatialDropout1D`; it goes on saving as one
 * @param stream - the layer's number among the network's, so that no two share a mask
 */
export const callDropout = (layer: tf.layers.Layer, stream: number): void => {
  const dropout = layer as Dropout;
  const stock = layer.call.bind(layer);
  layer.call = (inputs, kwargs) => {
    const key = kwargs['key'] as tf.Tensor1D | undefined;
    // tfjs drops nothing at a rate of 1.
    if (kwargs['training'] !== true || key === undefined || dropout.rate === 1) return stock(inputs, kwargs);
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor;
    return keyedDropout(x, dropout.rate, key, stream, dropout.getNoiseShape(x) ?? x.shape);
  };
};
