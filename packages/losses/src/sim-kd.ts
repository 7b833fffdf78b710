import { CodistillError, defineTerm, say, type Term } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { convNorm, convNormBuffers, convNormParameters } from './conv-norm.ts';
import { perExample } from './per-example.ts';
import { atSmallerSize } from './resample.ts';
import { mapShape } from './tap-shapes.ts';

/**
 * Options of {@link simKd}.
 *
 * @example
 * const options: SimKdOptions<'last'> = { at: 'last', reduction: 4 };
 */
export interface SimKdOptions<At extends string> {
  /** The tap to compare, by the name it has in both models: the last map, before the pooling. */
  readonly at: At;
  /** By how much the projector's middle is narrower than the source, at least 1; default 2. */
  readonly reduction?: number;
}

/** The projector's convolutions: name and size of the kernel. */
const LAYERS = [['reduce', 1], ['middle', 3], ['expand', 1]] as const;

/**
 * Feature alignment for a reused classifier: `mean ( P(f_s) − f_t )²`, with the projector P a bottleneck of convolutions 1×1, 3×3 and 1×1,
 * each with batch normalisation and ReLU. Chen et al. 2022, "Knowledge distillation with the reused teacher classifier", arXiv:2203.14001.
 *
 * The larger map is average-pooled to the size of the smaller. In the paper the source's classifier then works on P(f_s), so P is part of
 * what is used afterwards: its moving averages are kept as buffers, at 0.9. A `reduction` of 2, and a weight of 1 beside no other loss for
 * the learner, are the published code's.
 *
 * @param options - `at`, `reduction` 2
 * @returns a term on a map, of value `[batch]`. For each of `reduce`, `middle` and `expand` it owns the parameters `<layer>/kernel`,
 *   `<layer>/gamma`, `<layer>/beta` and the buffers `<layer>/mean`, `<layer>/variance`
 * @throws CodistillError `OPTION_INVALID` for the reduction; from `state`: `TAP_NO_MAP` where a tap is no map
 * @example
 * const aligned = simKd({ at: 'last' });
 */
export const simKd = <const At extends string>({ at, reduction = 2 }: SimKdOptions<At>): Term<'simKd', 'node', `tap:${At}`, never> => {
  if (!(reduction >= 1 && reduction < Infinity)) {
    throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('simKd', 'reduction', reduction, 'a number of at least 1'));
  }
  const tap = `tap:${at}` as const;
  return defineTerm({
    package: '@codistill/losses',
    name: 'simKd',
    options: { at, reduction },
    from: 'node',
    needs: [tap],
    state: ({ to, from }, key) => {
      const [channels, made] = [mapShape('simKd', at, to)[2], mapShape('simKd', at, from)[2]];
      const narrow = Math.max(1, Math.floor(made / reduction));
      const widths = [channels, narrow, narrow, made] as const;
      const layers = LAYERS.map(([name, size], index) => ({ name, shape: [size, size, widths[index] ?? 0, widths[index + 1] ?? 0] as const }));
      return {
        parameters: Object.fromEntries(layers.flatMap(({ name, shape }) => Object.entries(convNormParameters(name, key, shape)))),
        buffers: Object.fromEntries(layers.flatMap(({ name, shape }) => Object.entries(convNormBuffers(name, shape[3])))),
      };
    },
    compute: (student, teacher, context) => {
      const [s, t] = atSmallerSize(student[tap] as tf.Tensor4D, teacher[tap] as tf.Tensor4D);
      const projected = LAYERS.reduce((x, [name]) => tf.relu(convNorm(x, name, context, true)), s);
      return perExample(tf.squaredDifference(projected, t));
    },
  });
};
