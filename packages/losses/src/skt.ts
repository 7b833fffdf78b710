import { CodistillError, defineTerm, type Ends, filled, fold, type HostArray, type Named, say, type Term, type TermContext } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { notNegative } from './not-negative.ts';
import { pointwise, pointwiseKernel } from './pointwise.ts';
import { positions } from './positions.ts';
import { averagePooled } from './resample.ts';
import { mapShape, tapShapes } from './tap-shapes.ts';
import { unit } from './unit.ts';

/**
 * Options of {@link skt}.
 *
 * @example
 * const options: SktOptions<'block1' | 'block2'> = { at: ['block1', 'block2'], project: true };
 */
export interface SktOptions<At extends string> {
  /** One or more taps by the names they have in both models, from shallow to deep: maps, before any pooling to vectors. */
  readonly at: readonly [At, ...At[]];
  /** Whether a trained 1×1 convolution with ReLU takes each of the learner's maps to the source's channels; default false. */
  readonly project?: boolean;
  /** Weight of the part within layers; default 0.5. */
  readonly intra?: number;
  /** Weight of the part between layers; default 0.5. */
  readonly inter?: number;
}

/** `Σ_hw 1 − cos(s, t)` over channels, per example. */
const withinLayer = (s: tf.Tensor, t: tf.Tensor): tf.Tensor => tf.sub(1, unit(positions(s)).mul(unit(positions(t))).sum(-1)).sum(-1);

/** Each channel of each example with mean 0 and variance 1, `[batch, positions, channels]`. */
const instanceNormed = (map: tf.Tensor4D): tf.Tensor3D => {
  const x = positions(map);
  const centred = x.sub(x.mean(1, true));
  return centred.div(tf.sqrt(centred.square().mean(1, true).add(1e-5)));
};

/** `X_i X_jᵀ / hw` for all pairs of maps `i < j`, pooled to the size of the smallest. */
const flows = (maps: readonly tf.Tensor4D[]): readonly tf.Tensor[] => {
  const [height, width] = [Math.min(...maps.map((map) => map.shape[1])), Math.min(...maps.map((map) => map.shape[2]))];
  const normed = maps.map((map) => instanceNormed(averagePooled(map, height, width)));
  return normed.flatMap((upper, j) => normed.slice(0, j).map((lower) => tf.matMul(lower, upper, true, false).div(height * width)));
};

/**
 * Structured knowledge transfer: `λ_1 Σ_layers Σ_hw ( 1 − cos(r(f_s), f_t) ) + λ_2 Σ_{i<j} Σ ( G_ij(s) − G_ij(t) )²`: what each position looks like
 * within a layer, and how the channels of two layers go together, `G_ij = X_i X_jᵀ / hw` on instance-normalised maps.
 * Liu et al. 2020, "Efficient crowd counting via structured knowledge transfer", arXiv:2003.10120.
 *
 * Sums within an example are the published code's, as are λ_1 = λ_2 = 0.5 and the projection r: values grow with the size of the maps. That code takes
 * the maximum where maps must shrink to the size of the smallest, and here it is the mean, which is our choice, as are r's first weights, `N(0, 2/channels)`.
 *
 * @param options - `at`, `project` (default false), `intra` 0.5, `inter` 0.5
 * @returns a term on one or more maps, of value `[batch]`. With `project` it owns the parameters `<tap>/kernel` and `<tap>/bias` for each tap
 * @throws CodistillError `OPTION_INVALID` for a negative weight; from `state`: `TAP_NO_MAP` where a tap is no map, `TAP_SIZE` where heights or widths
 *   differ, `TAP_WIDTH` where channels do and there is no projection
 * @example
 * const structure = skt({ at: ['block1', 'block2', 'block3'], project: true });
 */
export const skt = <const At extends string>({
  at,
  project = false,
  intra = 0.5,
  inter = 0.5,
}: SktOptions<At>): Term<'skt', 'node', `tap:${At}`, never> => {
  notNegative('skt', { intra, inter });
  const layers = at.map((name) => ({ name, tap: `tap:${name}` as const }));
  const parametersOf = (name: string, ends: Ends, key: Parameters<typeof fold>[0]): Named<HostArray> => {
    const [, , width] = mapShape('skt', name, ends.from);
    const { learner } = tapShapes('skt', name, ends);
    if (project) return { [`${name}/kernel`]: pointwiseKernel(fold(key, `${name}/kernel`), learner, width, 2), [`${name}/bias`]: filled([width]) };
    if (learner[2] !== width) throw new CodistillError('TAP_WIDTH', say.losses.projectionMissing('skt', name, width, learner[2] ?? 0));
    return {};
  };
  return defineTerm({
    package: '@codistill/losses',
    name: 'skt',
    options: { at, ...(project && { project }), intra, inter },
    from: 'node',
    needs: layers.map(({ tap }) => tap),
    state: (ends, key) => ({
      parameters: Object.fromEntries(layers.flatMap(({ name }) => Object.entries(parametersOf(name, ends, key)))),
      buffers: {},
    }),
    compute: (student, teacher, context: TermContext) => {
      const r = (f: tf.Tensor, name: string): tf.Tensor =>
        project ? tf.relu(pointwise(f, context.variable(`${name}/kernel`)).add(context.variable(`${name}/bias`))) : f;
      const s = layers.map(({ name, tap }) => r(student[tap], name) as tf.Tensor4D);
      const t = layers.map(({ tap }) => teacher[tap] as tf.Tensor4D);
      const [ofSource, ofLearner] = [flows(t), flows(s)];
      return tf.addN([
        ...s.map((map, layer) => withinLayer(map, t[layer] ?? map).mul(intra)),
        ...ofLearner.map((flow, pair) => flow.sub(ofSource[pair] ?? flow).square().sum([1, 2]).mul(inter)),
      ]);
    },
  });
};
