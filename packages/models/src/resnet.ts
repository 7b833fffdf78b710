import { CodistillError, defineModel, type Model, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { convUnit } from './conv-unit.ts';
import { head, pooledOf } from './head.ts';
import { imageInput } from './image-input.ts';
import { initialise } from './initialise.ts';
import { network } from './network.ts';
import { insistInteger } from './options.ts';

/**
 * Options of {@link resnet}.
 *
 * @example
 * const options: ResnetOptions = { depth: 20, width: 16 };
 */
export interface ResnetOptions {
  /** Number of layers with weights on the way through, 6n + 2: 8, 14, 20, 26, 32, 44, 56, 110, … */
  readonly depth: number;
  /** Channels of the first block, doubled in the second and the third; default 16, the paper's. */
  readonly width?: number;
}

/** Two 3 × 3 convolutions around which the input is added; where the shape changes it is projected first. */
const residualUnit = (x: tf.SymbolicTensor, at: string, filters: number, strides: number): tf.SymbolicTensor => {
  const inner = convUnit(convUnit(x, { at, n: 1, filters, strides }), { at, n: 2, filters, activation: 'none' });
  const changes = strides !== 1 || x.shape.at(-1) !== filters;
  const shortcut = changes ? convUnit(x, { at: `${at}_shortcut`, filters, strides, kernelSize: 1, activation: 'none' }) : x;
  const sum = tf.layers.add({ name: `${at}_add` }).apply([inner, shortcut]);
  return tf.layers.reLU({ name: `${at}_relu2` }).apply(sum) as tf.SymbolicTensor;
};

/**
 * The residual network for small images: a 3 × 3 convolution, three blocks of n = (depth − 2) / 6 units with `width`,
 * `2 · width` and `4 · width` channels at full, half and quarter size, the mean over height and width, a linear classifier.
 * He et al. 2015, "Deep residual learning for image recognition", §4.2, arXiv:1512.03385.
 *
 * Where the shape changes, the shortcut is a 1 × 1 convolution with batch norm (their option B; their CIFAR networks use option
 * A, zero padding, which has no weights). Strided convolutions pad as TensorFlow does.
 *
 * It emits `logits`, `tap:block1`, `tap:block2`, `tap:block3` (maps, rectified), `tap:last` (the same as `tap:block3`) and
 * `tap:pooled` (`[batch, 4 · width]`). Kernels begin as `heNormal`, the classifier's as `glorotUniform`.
 *
 * @param options - `depth`, `width`
 * @returns a model for images of any size; with width 16 and 10 classes on RGB, depth 20 has 272,474 parameters
 * @throws CodistillError `OPTION_INVALID`; from `build` `INPUT_NOT_IMAGE`
 * @example
 * const teacher = resnet({ depth: 20 });
 * console.log(teacher.emits); // ['logits', 'tap:pooled', 'tap:last', 'tap:block1', 'tap:block2', 'tap:block3']
 */
export const resnet = ({
  depth,
  width = 16,
}: ResnetOptions): Model<'logits' | 'tap:pooled' | 'tap:last' | 'tap:block1' | 'tap:block2' | 'tap:block3'> => {
  if (!Number.isSafeInteger(depth) || depth < 8 || depth % 6 !== 2) {
    throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('resnet', 'depth', depth, '6n + 2 (8, 14, 20, 26, 32, 44, 56, 110, ...)'));
  }
  insistInteger('resnet', 'width', width);
  return defineModel({
    package: '@codistill/models',
    name: 'resnet',
    options: { depth, width },
    emits: ['logits', 'tap:pooled', 'tap:last', 'tap:block1', 'tap:block2', 'tap:block3'],
    build: (site, key) => {
      const block = (x: tf.SymbolicTensor, number: 1 | 2 | 3): tf.SymbolicTensor => {
        let last = x;
        for (let unit = 1; unit <= (depth - 2) / 6; unit++) {
          last = residualUnit(last, `block${number}_unit${unit}`, width * 2 ** (number - 1), unit === 1 && number > 1 ? 2 : 1);
        }
        return last;
      };
      const image = imageInput('resnet', site);
      const block1 = block(convUnit(image, { at: 'stem', filters: width }), 1);
      const block2 = block(block1, 2);
      const block3 = block(block2, 3);
      const pooled = pooledOf(block3);
      const logits = head(pooled, site.classes, 0);
      const layers = tf.model({ inputs: image, outputs: logits, name: `resnet${depth}` });
      initialise(layers, key);
      return network(layers, { logits, 'tap:pooled': pooled, 'tap:last': block3, 'tap:block1': block1, 'tap:block2': block2, 'tap:block3': block3 });
    },
  });
};
