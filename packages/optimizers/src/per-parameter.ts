import { CodistillError, type Named, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/**
 * One new tensor for each parameter that got a gradient. Intermediate tensors are freed parameter by parameter, so that a step
 * needs little more memory than its results.
 *
 * @param gradients - by parameter name
 * @param others - what else the formula speaks of (the parameters, a slot, …), each by parameter name, under its letter
 * @param compute - the formula, for one parameter
 * @returns by parameter name; the caller disposes them
 * @throws CodistillError `TENSOR_MISSING` where a letter has no tensor for a parameter
 * @example
 * declare const update: Update;
 * const down = perParameter(update.gradients, { w: update.parameters }, (g, { w }) => w.sub(g));
 */
export const perParameter = <Letter extends string = never>(
  gradients: Named<tf.Tensor>,
  others: Readonly<Record<Letter, Named<tf.Tensor>>>,
  compute: (gradient: tf.Tensor, others: Readonly<Record<Letter, tf.Tensor>>) => tf.Tensor,
): Record<string, tf.Tensor> => {
  const letters = Object.entries<Named<tf.Tensor>>(others);
  const at = (parameter: string): Record<Letter, tf.Tensor> =>
    Object.fromEntries(
      letters.map(([letter, tensors]) => {
        const tensor = tensors[parameter];
        if (tensor === undefined) throw new CodistillError('TENSOR_MISSING', say.optimizers.tensorMissing(letter, parameter));
        return [letter, tensor];
      }),
    ) as Record<Letter, tf.Tensor>;
  return Object.fromEntries(Object.entries(gradients).map(([parameter, gradient]) => [parameter, tf.tidy(() => compute(gradient, at(parameter)))]));
};
