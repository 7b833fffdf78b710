import { CodistillError, defineTerm, type Ends, filled, fold, type HostArray, type Key, type Named, say, type Term, type TermContext } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { convKernel, convNorm, convNormParameters } from './conv-norm.ts';
import { hierarchicalContext } from './hierarchical-context.ts';
import { pointwise } from './pointwise.ts';
import { nearest } from './resample.ts';
import { tapShape } from './tap-shapes.ts';

/**
 * Options of {@link reviewKd}.
 *
 * @example
 * const options: ReviewKdOptions<'block1' | 'block2' | 'pooled'> = { at: ['block1', 'block2', 'pooled'] };
 */
export interface ReviewKdOptions<At extends string> {
  /** Two or more taps, from shallow to deep, by the names they have in both models; a vector counts as a map of one position. */
  readonly at: readonly [At, At, ...At[]];
  /** Most channels of the fused maps, at least 1; default 512. */
  readonly width?: number;
}

type MapShape = readonly [number, number, number];

const asMapShape = (shape: readonly number[], loss: string, at: string): MapShape => {
  if (shape.length === 1) return [1, 1, shape[0] ?? 0];
  if (shape.length !== 3) throw new CodistillError('TAP_NO_MAP', say.losses.mapWanted(loss, at, shape));
  return shape as MapShape;
};

const asMap = (f: tf.Tensor): tf.Tensor4D => (f.rank === 2 ? f.reshape([f.shape[0], 1, 1, f.shape[1] ?? 1]) : (f as tf.Tensor4D));

/** Parameters of one fusion; the deepest level has nothing to fuse with. */
const fusionParameters = (name: string, key: Key, channels: number, middle: number, made: number, deepest: boolean): Named<HostArray> => ({
  ...convNormParameters(`${name}/reduce`, key, [1, 1, channels, middle]),
  ...(deepest
    ? {}
    : { [`${name}/attend/kernel`]: convKernel(fold(key, `${name}/attend`), [1, 1, 2 * middle, 2]), [`${name}/attend/bias`]: filled([2]) }),
  ...convNormParameters(`${name}/expand`, key, [3, 3, middle, made]),
});

/**
 * One attention-based fusion: this level's map, reduced, and what the deeper levels came to, each times an attention map.
 *
 * @returns the fused map, for the level above
 */
const fused = (f: tf.Tensor4D, deeper: tf.Tensor4D | undefined, name: string, context: TermContext): tf.Tensor4D => {
  const x = convNorm(f, `${name}/reduce`, context);
  if (deeper === undefined) return x;
  const y = nearest(deeper, x.shape[1], x.shape[2]);
  const attend = tf.sigmoid(pointwise(tf.concat([x, y], -1), context.variable(`${name}/attend/kernel`)).add(context.variable(`${name}/attend/bias`)));
  const [ofX, ofY] = tf.split(attend, 2, -1) as [tf.Tensor4D, tf.Tensor4D];
  return x.mul<tf.Tensor4D>(ofX).add(y.mul(ofY));
};

/**
 * Knowledge review: from deep to shallow, each level of the learner is fused with the deeper ones and compared with the source's level,
 * `Σ_l HCL( r_l(f_s), f_t )`, HCL being the mean squared difference at full size and pooled to 4, 2 and 1.
 * Chen et al. 2021, "Distilling knowledge via knowledge review", arXiv:2104.09044.
 *
 * A level is reduced by a 1×1 convolution to `min(width, channels of the learner's deepest tap)`, fused by two attention maps, and
 * expanded by a 3×3 convolution to the source's channels. These parts normalise by the batch's statistics, are trained with the learner and
 * dropped afterwards. The published code compares maps before their ReLU, and the pooled vector; its weights are 5 for most pairs of CIFAR-100 (8, 1 or 0.6
 * for some), growing linearly over the first 20 epochs, which is the edge's; a width of 512 is its own too.
 *
 * @param options - `at`, `width` 512
 * @returns a term on two or more taps, of value `[batch]`. For each tap it owns the parameters `<tap>/reduce/…`, `<tap>/attend/…` (but for the
 *   deepest) and `<tap>/expand/…`
 * @throws CodistillError `OPTION_INVALID` for the width; from `state`: `TAP_NO_MAP` where a tap is neither map nor vector
 * @example
 * const review = reviewKd({ at: ['block1', 'block2', 'block3', 'pooled'] });
 */
export const reviewKd = <const At extends string>({ at, width = 512 }: ReviewKdOptions<At>): Term<'reviewKd', 'node', `tap:${At}`, never> => {
  if (!(Number.isInteger(width) && width >= 1)) {
    throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('reviewKd', 'width', width, 'a whole number of at least 1'));
  }
  const levels = at.map((name) => ({ name, tap: `tap:${name}` as const }));
  const shapeAt = (name: string, end: Ends['to']): MapShape => asMapShape(tapShape('reviewKd', name, end), 'reviewKd', name);
  const deepest = levels.at(-1)?.name ?? '';
  return defineTerm({
    package: '@codistill/losses',
    name: 'reviewKd',
    options: { at, width },
    from: 'node',
    needs: levels.map(({ tap }) => tap),
    state: ({ to, from }, key) => {
      const middle = Math.min(width, shapeAt(deepest, to)[2]);
      const parameters = levels.map(({ name }) => fusionParameters(name, key, shapeAt(name, to)[2], middle, shapeAt(name, from)[2], name === deepest));
      return { parameters: Object.fromEntries(parameters.flatMap((level) => Object.entries(level))), buffers: {} };
    },
    compute: (student, teacher, context) => {
      let deeper: tf.Tensor4D | undefined;
      const parts = levels.toReversed().map(({ name, tap }) => {
        const source = asMap(teacher[tap]);
        deeper = nearest(fused(asMap(student[tap]), deeper, name, context), source.shape[1], source.shape[2]);
        return hierarchicalContext(convNorm(deeper, `${name}/expand`, context), source);
      });
      return tf.addN(parts);
    },
  });
};
