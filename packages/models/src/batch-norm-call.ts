import { batchNormTraining, CodistillError, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

type LayerVariable = tf.layers.Layer['weights'][number];

/** What tfjs's batch-norm layer keeps, beyond what its type shows. */
interface BatchNormalization extends tf.layers.Layer {
  readonly axis: number;
  readonly momentum: number;
  readonly epsilon: number;
  /** Absent without `scale`. */
  readonly gamma?: LayerVariable;
  /** Absent without `center`. */
  readonly beta?: LayerVariable;
  readonly movingMean: LayerVariable;
  readonly movingVariance: LayerVariable;
}

/** `moving ← moving − (1 − momentum) · (moving − batch)` */
const move = (moving: LayerVariable, batch: tf.Tensor, momentum: number): void => {
  const old = moving.read();
  moving.write(tf.sub(old, tf.mul(tf.sub(old, batch), 1 - momentum)));
};

/**
 * Replaces what a batch-norm layer does in training by `batchNormTraining` of core: fused gradient; moving averages of the mean
 * and the biased variance, as in TensorFlow (PyTorch's moving variance is larger by n / (n − 1)). Inference stays stock. A layer
 * that is frozen (`trainable: false`) infers in training too, as in Keras, and its moving averages rest.
 *
 * @param layer - an instance of tfjs's `BatchNormalization`, built; it goes on saving as one
 * @throws CodistillError `NORMALISES_AXIS`
 */
export const callBatchNorm = (layer: tf.layers.Layer): void => {
  const { axis, momentum, epsilon, gamma, beta, movingMean, movingVariance } = layer as BatchNormalization;
  const channels = movingMean.shape[0] ?? 0;
  const rank = layer.inputSpec[0]?.ndim ?? 4;
  if (axis !== -1 && axis !== rank - 1) throw new CodistillError('NORMALISES_AXIS', say.models.normalisesAxis(layer.name, axis));

  const infer = layer.call.bind(layer);
  layer.call = (inputs, kwargs) => {
    const rests = !layer.trainable || [gamma, beta].some((weight) => weight?.trainable === false);
    if (kwargs['training'] !== true || rests) return infer(inputs, { training: false });
    return tf.tidy(() => {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor;
      const scale = (gamma?.read() ?? tf.ones([channels])) as tf.Tensor1D;
      const shift = (beta?.read() ?? tf.zeros([channels])) as tf.Tensor1D;
      const { y, mean, variance } = batchNormTraining(x, scale, shift, epsilon);
      move(movingMean, mean, momentum);
      move(movingVariance, variance, momentum);
      return y;
    });
  };
};
