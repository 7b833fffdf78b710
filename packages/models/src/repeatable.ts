import { CodistillError, say } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';
import { callBatchNorm } from './batch-norm-call.ts';
import { callConv2d } from './conv2d-call.ts';
import { callDropout } from './dropout-call.ts';
import { innerLayers } from './inner-layers.ts';

const BATCH_NORM = 'BatchNormalization';
const CONVOLUTION = 'Conv2D';
const DROPOUT: readonly string[] = ['Dropout', 'SpatialDropout1D'];
const NOISE: readonly string[] = ['GaussianNoise', 'GaussianDropout', 'AlphaDropout', 'RandomWidth', 'RandomHeight'];

/** Options by which recurrent and attention layers drop out inside. */
const INNER_DROPOUT = ['dropout', 'recurrentDropout'] as const;

/**
 * Makes a model's training pass a function of its input, its variables and a key: batch norm, dropout and convolution layers
 * get calls of ours, by instance, so that their class and configuration stay stock. Layers of other kinds run as they are.
 *
 * @param layers - the model; its layers are changed in place
 * @throws CodistillError `DRAWS_ON_HOST`, `KEEPS_STATE`, `NORMALISES_AXIS`
 */
export const makeRepeatable = (layers: tf.LayersModel): void => {
  let dropouts = 0;
  for (const layer of innerLayers(layers)) {
    const kind = layer.getClassName();
    if (kind === BATCH_NORM) {
      callBatchNorm(layer);
    } else if (kind === CONVOLUTION) {
      callConv2d(layer);
    } else if (DROPOUT.includes(kind)) {
      callDropout(layer, dropouts++);
    } else {
      const config = layer.getConfig();
      if (NOISE.includes(kind) || INNER_DROPOUT.some((option) => Number(config[option] ?? 0) > 0)) {
        throw new CodistillError('DRAWS_ON_HOST', say.models.drawsOnHost(layer.name, kind));
      }
      if (layer.stateful) throw new CodistillError('KEEPS_STATE', say.models.keepsState(layer.name, kind));
    }
  }
};
