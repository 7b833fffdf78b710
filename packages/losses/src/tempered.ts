import { CodistillError, type Named, say, type Scheduled, type TermContext } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';

/**
 * What a term does with its temperature τ.
 *
 * @example
 * const declared = (τ: Tempered): Named<Scheduled> => τ.scalars;
 */
export interface Tempered {
  /** To declare in the term. */
  readonly scalars: Named<Scheduled>;
  /** `log softmax(logits / τ)`, shared with every other term that asks for it; the engine owns it. */
  logSoftmax(logits: tf.Tensor, context: TermContext): tf.Tensor;
  /** `x / τ`. */
  divided(x: tf.Tensor, context: TermContext): tf.Tensor;
  /** `τ² x`, which keeps the scale of gradients when τ changes. */
  squared(x: tf.Tensor, context: TermContext): tf.Tensor;
}

/** At 1 there is nothing to declare, and the log-softmax is the one that cross-entropy asks for. */
const untempered: Tempered = {
  scalars: {},
  logSoftmax: (logits, context) => context.logSoftmax(logits),
  divided: (x) => x,
  squared: (x) => x,
};

const tempering = (temperature: Scheduled): Tempered => ({
  scalars: { temperature },
  logSoftmax: (logits, context) => context.logSoftmax(logits, context.scalar('temperature')),
  divided: (x, context) => x.div(context.scalar('temperature')),
  squared: (x, context) => x.mul(context.scalar('temperature').square()),
});

/**
 * A term's temperature, number or schedule, checked.
 *
 * @param loss - name of the term, for the sentence
 * @param temperature - above 0
 * @throws CodistillError `OPTION_INVALID` for a constant temperature that is not above 0
 * @example
 * const τ = tempered('kd', 4);
 */
export const tempered = (loss: string, temperature: Scheduled): Tempered => {
  if (typeof temperature === 'number' && !(temperature > 0 && temperature < Infinity)) {
    throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid(loss, 'temperature', temperature, 'a number above 0'));
  }
  return temperature === 1 ? untempered : tempering(temperature);
};
