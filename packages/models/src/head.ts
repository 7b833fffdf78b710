import * as tf from '@tensorflow/tfjs';

/** A linear classifier with a bias behind dropout (0 for none): layers `dropout` and `logits`. */
export const head = (features: tf.SymbolicTensor, classes: number, dropout: number): tf.SymbolicTensor => {
  const dropped = dropout === 0 ? features : tf.layers.dropout({ rate: dropout, name: 'dropout' }).apply(features);
  return tf.layers.dense({ units: classes, name: 'logits', kernelInitializer: 'zeros' }).apply(dropped) as tf.SymbolicTensor;
};

/** The mean over height and width, layer `pooled`. */
export const pooledOf = (map: tf.SymbolicTensor): tf.SymbolicTensor =>
  tf.layers.globalAveragePooling2d({ name: 'pooled', dataFormat: 'channelsLast' }).apply(map) as tf.SymbolicTensor;
