import type { Kernel } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/**
 * `tf.image.transform` of a batch, image by image: the stock cpu kernel returns after the first.
 *
 * @example
 * console.log(transformPerImage.name); // 'Transform'
 */
export const transformPerImage: Kernel = {
  name: 'Transform',
  compute: (inputs, attributes: object, stock) => {
    const [image, transforms] = [inputs['image'] as tf.Tensor4D, inputs['transforms'] as tf.Tensor2D];
    const results = tf.unstack(image).map((each, index) => {
      const own = tf.slice(transforms, [transforms.shape[0] === 1 ? 0 : index, 0], [1, -1]);
      return tf.engine().makeTensorFromTensorInfo(stock({ image: tf.expandDims(each), transforms: own }, attributes));
    });
    return tf.concat(results);
  },
};
