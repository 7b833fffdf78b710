import type { Kernel } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/**
 * Boxes cut out of images. The stock kernel takes the number of boxes for that of images, and leaves out boxes of the images
 * beyond; so it gets as many boxes as there are images.
 *
 * @example
 * console.log(cropAndResize.name); // 'CropAndResize'
 */
export const cropAndResize: Kernel = {
  name: 'CropAndResize',
  compute: (inputs, attributes: object, stock) => {
    const { image, boxes, boxInd } = inputs as { readonly image: tf.Tensor4D; readonly boxes: tf.Tensor2D; readonly boxInd: tf.Tensor1D };
    const [count] = boxes.shape;
    const missing = image.shape[0] - count;
    if (missing <= 0) return stock(inputs, attributes);
    const more = { boxes: tf.concat([boxes, tf.zeros([missing, 4])]), boxInd: tf.concat([boxInd, tf.zeros([missing], 'int32')]) };
    const all = tf.engine().makeTensorFromTensorInfo(stock({ image, ...more }, attributes));
    return tf.slice(all, 0, count);
  },
};
