import { defineModel, type Model } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { head } from './head.ts';
import { initialise } from './initialise.ts';
import { network } from './network.ts';
import { type Numbered, numberedTaps } from './numbered.ts';
import { insistInteger, insistRate } from './options.ts';

/**
 * Options of {@link mlp}.
 *
 * @example
 * const options: MlpOptions = { hidden: [256, 128], dropout: 0.2 };
 */
export interface MlpOptions<Hidden extends readonly number[] = readonly number[]> {
  /** Units of each hidden layer, at least one layer. */
  readonly hidden: Hidden;
  /** Rate of dropout behind each hidden layer, in [0, 1); default 0. */
  readonly dropout?: number;
}

/**
 * A multilayer perceptron: the input flattened, rectified dense layers, a linear one.
 *
 * It emits `logits`, `tap:hidden1`, `tap:hidden2`, … (each `[batch, units]`, rectified, before dropout), and `tap:pooled`, the last
 * of them: the vector that the classifier reads, under the name it has in all models here. Kernels begin as `heNormal`, the last
 * one as `glorotUniform`, biases at 0.
 *
 * @param options - `hidden`, `dropout`
 * @returns a model for inputs of any shape
 * @throws CodistillError `OPTION_INVALID`
 * @example
 * const student = mlp({ hidden: [64, 32] });
 * console.log(student.emits); // ['logits', 'tap:pooled', 'tap:hidden1', 'tap:hidden2']
 */
export const mlp = <const Hidden extends readonly number[]>({
  hidden,
  dropout = 0,
}: MlpOptions<Hidden>): Model<'logits' | 'tap:pooled' | `tap:${Numbered<'hidden', Hidden>}`> => {
  insistInteger('mlp', 'the number of hidden layers', hidden.length);
  for (const units of hidden) insistInteger('mlp', 'hidden', units);
  insistRate('mlp', 'dropout', dropout);
  type Emits = 'logits' | 'tap:pooled' | `tap:${Numbered<'hidden', Hidden>}`;
  return defineModel<Emits>({
    package: '@codistill/models',
    name: 'mlp',
    options: { hidden, dropout },
    emits: ['logits', 'tap:pooled', ...Object.keys(numberedTaps('hidden', hidden))] as Emits[],
    build: ({ input, classes }, key) => {
      const x = tf.input({ shape: [...input], name: 'input' });
      let last = (input.length === 1 ? x : tf.layers.flatten({ name: 'flat' }).apply(x)) as tf.SymbolicTensor;
      const activations: tf.SymbolicTensor[] = [];
      for (const [index, units] of hidden.entries()) {
        const before = index === 0 || dropout === 0 ? last : tf.layers.dropout({ rate: dropout, name: `hidden${index}_dropout` }).apply(last);
        const dense = tf.layers.dense({ units, activation: 'relu', name: `hidden${index + 1}`, kernelInitializer: 'zeros' });
        last = dense.apply(before) as tf.SymbolicTensor;
        activations.push(last);
      }
      const logits = head(last, classes, dropout);
      const layers = tf.model({ inputs: x, outputs: logits, name: 'mlp' });
      initialise(layers, key);
      return network<Emits>(layers, { ...numberedTaps('hidden', activations), logits, 'tap:pooled': last } as Record<Emits, tf.SymbolicTensor>);
    },
  });
};
