import { CodistillError } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

const isVariable = (tensor: tf.Tensor): tensor is tf.Variable => tensor instanceof tf.Variable;

/** The `tf.Variable` behind a weight of a layer, which tfjs declares as a tensor. */
export const variableOf = (weight: tf.LayersModel['weights'][number]): tf.Variable => {
  const value = weight.read();
  if (isVariable(value)) return value;
  throw new CodistillError('INTERNAL', `internal: tfjs holds weight '${weight.originalName}' in no variable`);
};
