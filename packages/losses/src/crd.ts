import { CodistillError, defineTerm, type Ends, filled, fold, type HostArray, type Key, normal, say, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { pointwise, pointwiseKernel } from './pointwise.ts';
import { rows } from './rows.ts';
import { tapShape } from './tap-shapes.ts';
import { unit } from './unit.ts';

/**
 * Options of {@link crd}.
 *
 * @example
 * const options: CrdOptions<'pooled'> = { at: 'pooled', examples: 13000 };
 */
export interface CrdOptions<At extends string> {
  /** The tap to compare, by the name it has in both models: a pooled one. */
  readonly at: At;
  /** Size of the whole set, all splits together: the bank has a row for each example. */
  readonly examples: number;
  /** Width of the embeddings, at least 1; default 128. */
  readonly width?: number;
  /** Negatives that a positive is held against, above 0; default 16384. */
  readonly negatives?: number;
  /** Temperature of similarities, above 0; default 0.07. */
  readonly temperature?: number;
  /** Share of a row of the bank that a visit keeps, from 0 to below 1; default 0.5. */
  readonly momentum?: number;
}

/** One row of length 1 per example. */
const directions = (key: Key, examples: number, width: number): HostArray => {
  const values = normal(key, examples * width);
  for (let row = 0; row < examples; row++) {
    const vector = values.subarray(row * width, (row + 1) * width);
    const length = Math.hypot(...vector);
    vector.forEach((z, index) => (vector[index] = z / length));
  }
  return { shape: [examples, width], values };
};

/** In place of the class of an example that has not been met. */
const UNKNOWN = -1;

/**
 * A tensor with some rows replaced. A row that is named more than once gets the mean of what is given for it.
 *
 * @param table - `[rows, ...]`
 * @param at - int32 `[batch]`
 * @param values - `[batch, ...]`
 */
const withRows = (table: tf.Tensor, at: tf.Tensor1D, values: tf.Tensor): tf.Tensor => {
  const index = at.expandDims<tf.Tensor2D>(1);
  const times = tf.gather(tf.scatterND(index, tf.onesLike(at).cast('float32'), [table.shape[0]]), at);
  const change = values.sub(tf.gather(table, at)).div(times.reshape([-1, ...values.shape.slice(1).map(() => 1)]));
  return table.add(tf.scatterND(index, change, table.shape));
};

/**
 * Contrastive representation distillation: embeddings v of both ends learn to tell the other end's embedding m of the same example from
 * those of examples of other classes, `−log h(v, m₊) − K · mean log( 1 − h(v, m₋) )`, with `h = P / (P + K/n)` and `P = exp(⟨v, m⟩/τ) / Z`;
 * the sum of both ends. Tian et al. 2020, "Contrastive representation distillation", arXiv:1910.10699.
 *
 * m is read from a bank with a row per example and end, moved after each visit: `m ← (½ m + ½ v)` brought to length 1. Embeddings are linear
 * and of length 1, and both are trained with the learner.
 *
 * τ = 0.07, K = 16384, width 128, momentum 0.5, negatives of other classes and a weight of 0.8 are the published code's. Ours are two
 * means in the place of draws: all rows of other classes (and of unknown class, which have not been met yet) count with the weight of K draws, so
 * that no number depends on chance; and `Z = n exp(1/(2 d τ²))` is what that code's estimate from its first batch comes to for a random bank
 * of width d. n then cancels.
 *
 * @param options - `at`, `examples`; `width` 128, `negatives` 16384, `temperature` 0.07, `momentum` 0.5
 * @returns a term on a tap of any rank ≥ 2, which is flattened, of value `[batch]`, that also reads class labels and ids. It owns the parameters
 *   `learner/kernel`, `learner/bias`, `source/kernel`, `source/bias` and the buffers `learner/bank` and `source/bank`, `[examples, width]`,
 *   and `class`, `[examples]`
 * @throws CodistillError `OPTION_INVALID` for an option out of range
 * @example
 * const contrast = crd({ at: 'pooled', examples: 13000 });
 */
export const crd = <const At extends string>({
  at,
  examples,
  width = 128,
  negatives = 16384,
  temperature: τ = 0.07,
  momentum = 0.5,
}: CrdOptions<At>): Term<'crd', 'node', `tap:${At}`, 'class'> => {
  for (const [option, value] of Object.entries({ examples, width })) {
    if (!(Number.isInteger(value) && value >= 1)) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('crd', option, value, 'a whole number of at least 1'));
  }
  for (const [option, value] of Object.entries({ negatives, temperature: τ })) {
    if (!(value > 0 && value < Infinity)) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('crd', option, value, 'a number above 0'));
  }
  if (!(momentum >= 0 && momentum < 1)) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('crd', 'momentum', momentum, 'at least 0 and below 1'));
  const tap = `tap:${at}` as const;
  const elements = (end: Ends['to']): number => tapShape('crd', at, end).reduce((size, length) => size * length, 1);
  /** `log( Z K/n )`: h is a sigmoid of ⟨v, m⟩/τ less this. */
  const threshold = Math.log(negatives) + 1 / (2 * width * τ ** 2);
  return defineTerm({
    package: '@codistill/losses',
    name: 'crd',
    options: { at, examples, width, negatives, temperature: τ, momentum },
    from: 'node',
    needs: [tap],
    labels: 'class',
    state: ({ to, from }, key) => ({
      parameters: {
        'learner/kernel': pointwiseKernel(fold(key, 'learner/kernel'), [elements(to)], width),
        'learner/bias': filled([width]),
        'source/kernel': pointwiseKernel(fold(key, 'source/kernel'), [elements(from)], width),
        'source/bias': filled([width]),
      },
      buffers: {
        'learner/bank': directions(fold(key, 'learner/bank'), examples, width),
        'source/bank': directions(fold(key, 'source/bank'), examples, width),
        class: filled([examples], UNKNOWN),
      },
    }),
    compute: (student, teacher, context) => {
      const { ids } = context;
      const classes = context.labels.class.argMax<tf.Tensor1D>(-1).cast<tf.Tensor1D>('float32');
      const [known, ofLearner, ofSource] = ['class', 'learner/bank', 'source/bank'].map((name) => context.variable(name)) as [tf.Variable, tf.Variable, tf.Variable];
      const embedded = (f: tf.Tensor, end: 'learner' | 'source'): tf.Tensor =>
        unit(pointwise(rows(f), context.variable(`${end}/kernel`)).add(context.variable(`${end}/bias`)));
      const [s, t] = [embedded(student[tap], 'learner'), embedded(teacher[tap], 'source')];

      const others = tf.step(classes.expandDims(1).sub(known.expandDims(0)).abs());
      const share = others.div(tf.maximum(others.sum(-1, true), 1)).mul(negatives);
      const contrast = (v: tf.Tensor, bank: tf.Tensor): tf.Tensor => {
        const logOdds = (similarity: tf.Tensor): tf.Tensor => similarity.div(τ).sub(threshold);
        const positive = logOdds(v.mul(tf.gather(bank, ids)).sum(-1));
        const all = logOdds(tf.matMul(v, bank, false, true));
        return tf.softplus(positive.neg()).add(tf.softplus(all).mul(share).sum(-1));
      };
      const value = contrast(s, ofSource).add(contrast(t, ofLearner));

      const moved = (bank: tf.Tensor, v: tf.Tensor): tf.Tensor => withRows(bank, ids, unit(tf.gather(bank, ids).mul(momentum).add(v.mul(1 - momentum))));
      ofLearner.assign(moved(ofLearner, s));
      ofSource.assign(moved(ofSource, t));
      known.assign(withRows(known, ids, classes));
      return value;
    },
  });
};
