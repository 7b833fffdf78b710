import { CodistillError, say, type Site } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/**
 * The input of a model of images.
 *
 * @throws CodistillError `INPUT_NOT_IMAGE`
 */
export const imageInput = (model: string, { input }: Site): tf.SymbolicTensor => {
  if (input.length !== 3) throw new CodistillError('INPUT_NOT_IMAGE', say.models.inputNotImage(model, input));
  return tf.input({ shape: [...input], name: 'input' });
};
