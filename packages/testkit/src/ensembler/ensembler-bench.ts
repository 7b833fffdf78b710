import { type Ensembler, fold, key, logSoftmax, normal, type TermContext } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/** Lends log-probabilities as an engine does: made on demand, shared, kept until the step is over. */
export class Lender implements Pick<TermContext, 'logSoftmax'> {
  readonly lent: Map<number, tf.Tensor> = new Map<number, tf.Tensor>();

  logSoftmax(logits: tf.Tensor, temperature?: tf.Scalar): tf.Tensor {
    const known = this.lent.get(logits.id);
    if (known !== undefined && temperature === undefined) return known;
    const made = logSoftmax(temperature === undefined ? logits : logits.div(temperature));
    this.lent.set(temperature === undefined ? logits.id : -made.id, made);
    return made;
  }

  end(): void {
    for (const tensor of this.lent.values()) tensor.dispose();
    this.lent.clear();
  }
}

/** Members' logits, `spread` wide, the same for the same arguments. */
export const sample = (members: number, shape: readonly number[], spread = 2): tf.Tensor[] => {
  const size = shape.reduce((product, length) => product * length, 1);
  return Array.from({ length: members }, (_, i) =>
    tf.tensor(
      normal(fold(key(17), 'member', i), size).map((x) => x * spread),
      [...shape],
    ),
  );
};

/** The combined logits of `members`, read out; everything but the members is disposed again. */
export const combined = async (ensembler: Ensembler<'logits'>, members: readonly tf.Tensor[]): Promise<{ shape: readonly number[]; values: Float32Array }> => {
  const lender = new Lender();
  const { logits } = ensembler.combine(
    members.map((logits) => ({ logits })),
    lender,
  );
  const values = Float32Array.from(await logits.data());
  const { shape } = logits;
  logits.dispose();
  lender.end();
  return { shape, values };
};

/** float64 softmax of each row. */
export const softmax = (values: ArrayLike<number>, classes: number): number[] =>
  Array.from({ length: values.length / classes }, (_, row) => {
    const logits = Array.from({ length: classes }, (__, c) => values[row * classes + c] ?? Number.NaN);
    const top = Math.max(...logits);
    const exps = logits.map((z) => Math.exp(z - top));
    const sum = exps.reduce((total, e) => total + e, 0);
    return exps.map((e) => e / sum);
  }).flat();

/** Of each row, the first of equals. */
export const argmax = (values: ArrayLike<number>, classes: number): number[] =>
  Array.from({ length: values.length / classes }, (_, row) => {
    let best = 0;
    for (let c = 1; c < classes; c++) if ((values[row * classes + c] ?? 0) > (values[row * classes + best] ?? 0)) best = c;
    return best;
  });

/** The largest distance between two numbers at one place. */
export const apart = (a: readonly number[], b: readonly number[]): number => Math.max(...a.map((x, i) => Math.abs(x - (b[i] ?? Number.NaN))));

/** Disposes all of them. */
export const free = (tensors: readonly tf.Tensor[]): void => {
  for (const tensor of tensors) tensor.dispose();
};
