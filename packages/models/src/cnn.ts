import { defineModel, type Model } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { convUnit } from './conv-unit.ts';
import { head, pooledOf } from './head.ts';
import { imageInput } from './image-input.ts';
import { initialise } from './initialise.ts';
import { network } from './network.ts';
import { type Numbered, numberedTaps } from './numbered.ts';
import { insistInteger, insistRate } from './options.ts';

/**
 * Options of {@link cnn}.
 *
 * @example
 * const options: CnnOptions = { channels: [16, 32, 64] };
 */
export interface CnnOptions<Channels extends readonly number[] = readonly number[]> {
  /** Channels of each block, at least one. */
  readonly channels: Channels;
  /** Height and width of the kernels; default 3. */
  readonly kernelSize?: number;
  /** Stride of the first convolution; default 1. At 2 the whole network costs about a quarter. */
  readonly stride?: number;
  /** Rate of dropout before the classifier, in [0, 1); default 0. */
  readonly dropout?: number;
}

/**
 * A small convolutional network: per block a convolution without bias, batch norm, rectifier; 2 × 2 maximum pooling (stride 2)
 * between blocks; the mean over height and width; a linear classifier. Our own design, made to be cheap.
 *
 * It emits `logits`, `tap:block1`, `tap:block2`, … (maps before pooling), `tap:last` (the last of them) and `tap:pooled`
 * (`[batch, channels]`). Kernels begin as `heNormal`, the classifier's as `glorotUniform`.
 *
 * @param options - `channels`, `kernelSize`, `stride`, `dropout`
 * @returns a model for images of any size
 * @throws CodistillError `OPTION_INVALID`; from `build` `INPUT_NOT_IMAGE`
 * @example
 * const teacher = cnn({ channels: [32, 64], dropout: 0.2 });
 * console.log(teacher.emits); // ['logits', 'tap:pooled', 'tap:last', 'tap:block1', 'tap:block2']
 */
export const cnn = <const Channels extends readonly number[]>({
  channels,
  kernelSize = 3,
  stride = 1,
  dropout = 0,
}: CnnOptions<Channels>): Model<'logits' | 'tap:pooled' | 'tap:last' | `tap:${Numbered<'block', Channels>}`> => {
  insistInteger('cnn', 'the number of blocks in channels', channels.length);
  for (const filters of channels) insistInteger('cnn', 'channels', filters);
  insistInteger('cnn', 'kernelSize', kernelSize);
  insistInteger('cnn', 'stride', stride);
  insistRate('cnn', 'dropout', dropout);
  type Emits = 'logits' | 'tap:pooled' | 'tap:last' | `tap:${Numbered<'block', Channels>}`;
  return defineModel<Emits>({
    package: '@codistill/models',
    name: 'cnn',
    options: { channels, kernelSize, ...(stride === 1 ? {} : { stride }), dropout },
    emits: ['logits', 'tap:pooled', 'tap:last', ...Object.keys(numberedTaps('block', channels))] as Emits[],
    build: (site, key) => {
      const image = imageInput('cnn', site);
      let last = image;
      const blocks: tf.SymbolicTensor[] = [];
      for (const [index, filters] of channels.entries()) {
        // 'same', so that a map of odd size, or of one pixel, may still be pooled.
        const pool = tf.layers.maxPooling2d({ poolSize: 2, strides: 2, padding: 'same', name: `block${index}_pool` });
        last = convUnit(index === 0 ? last : (pool.apply(last) as tf.SymbolicTensor), { at: `block${index + 1}`, filters, kernelSize, strides: index === 0 ? stride : 1 });
        blocks.push(last);
      }
      const pooled = pooledOf(last);
      const logits = head(pooled, site.classes, dropout);
      const layers = tf.model({ inputs: image, outputs: logits, name: 'cnn' });
      initialise(layers, key);
      const taps = { ...numberedTaps('block', blocks), logits, 'tap:last': last, 'tap:pooled': pooled };
      return network<Emits>(layers, taps as Record<Emits, tf.SymbolicTensor>);
    },
  });
};
