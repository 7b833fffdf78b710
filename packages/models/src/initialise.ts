import { fold, type Key } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { glorotUniform } from './glorot-uniform.ts';
import { heNormal } from './he-normal.ts';

/** Values that are not 0 at the start, of variables that are not drawn. */
const ONES: readonly string[] = ['gamma', 'moving_variance'];

const initialValues = (key: Key, role: string, shape: readonly number[], isHead: boolean): Float32Array | number => {
  if (ONES.includes(role)) return 1;
  if (shape.length < 2 || role === 'alpha') return 0;
  if (role === 'depthwise_kernel') return heNormal(key, shape, (shape[0] ?? 1) * (shape[1] ?? 1));
  return isHead || role !== 'kernel' ? glorotUniform(key, shape) : heNormal(key, shape);
};

/**
 * Sets all variables of a model from a key, by what they are called: kernels by {@link heNormal}, the last layer's and all other
 * matrices (recurrent, pointwise, embeddings) by {@link glorotUniform}, `gamma` and `moving_variance` to 1, the rest to 0. Which
 * of the two goes where is our choice.
 *
 * tfjs's own initialisers draw on the host without a key, which is why recipes build with `'zeros'` and then call this.
 *
 * @param layers - a built model, or some of its layers; changed in place
 * @param key - same key, same weights; each variable draws from a key of its own, by its name
 * @param head - name of the layer that gives the logits; default the model's last
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * declare const layers: tf.LayersModel;
 * initialise(layers, [0, 7]);
 */
export const initialise = (layers: Pick<tf.LayersModel, 'layers'>, key: Key, head: string | undefined = layers.layers.at(-1)?.name): void => {
  tf.tidy(() => {
    for (const { weights } of layers.layers) {
      for (const weight of weights) {
        const [layer, role] = [weight.originalName.split('/').slice(0, -1).join('/'), weight.originalName.split('/').at(-1) ?? ''];
        const shape = weight.shape as number[];
        const values = initialValues(fold(key, weight.originalName), role, shape, layer === head);
        weight.write(typeof values === 'number' ? tf.fill(shape, values) : tf.tensor(values, shape));
      }
    }
  });
};
