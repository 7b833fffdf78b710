import { CodistillError, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/** An activation of tfjs, which a layer holds as an object. */
interface Activated extends tf.layers.Layer {
  activation: object | null;
}

const NOT_LOGITS: readonly string[] = ['sigmoid', 'hardSigmoid'];

/**
 * The logits behind a model's output: what goes into its final softmax, where it has one. A softmax layer is left out; a softmax
 * that is a dense (or convolutional) layer's activation is replaced by the identity.
 *
 * @param output - the model's output; the layer that gives it may be changed
 * @throws CodistillError `ENDS_IN` for a sigmoid, which says nothing of several classes
 */
export const logitsOf = (output: tf.SymbolicTensor): tf.SymbolicTensor => {
  const { sourceLayer, inputs } = output;
  const kind = sourceLayer.getClassName();
  const activation = kind === 'Softmax' ? 'softmax' : sourceLayer.getConfig()['activation'];
  if (typeof activation === 'string' && NOT_LOGITS.includes(activation)) {
    throw new CodistillError('ENDS_IN', say.models.endsIn(sourceLayer.name, activation));
  }
  if (activation !== 'softmax') return output;
  const [before] = inputs;
  if ((kind === 'Softmax' || kind === 'Activation') && before !== undefined) return before;
  const { activation: identity } = tf.layers.activation({ activation: 'linear' }) as unknown as Activated;
  (sourceLayer as Activated).activation = identity;
  return output;
};
