import type { Kernel } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/**
 * `tf.image.transform` of a batch by one transform for all: the stock kernel reads one per image, and beyond the end.
 *
 * @example
 * console.log(transform.name); // 'Transform'
 */
export const transform: Kernel = {
  name: 'Transform',
  compute: (inputs, attributes: object, stock) => {
    const { image, transforms } = inputs as { readonly image: tf.Tensor4D; readonly transforms: tf.Tensor2D };
    return stock({ image, transforms: transforms.shape[0] === 1 ? tf.tile(transforms, [image.shape[0], 1]) : transforms }, attributes);
  },
};
