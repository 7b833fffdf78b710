import { CodistillError, defineModel, fold, type Model, say, type Signal } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { convUnit } from './conv-unit.ts';
import { initialise } from './initialise.ts';
import { madeOf } from './made-of.ts';
import { network } from './network.ts';
import { insistInteger } from './options.ts';
import type { TapOf } from './taps.ts';

/**
 * Options of {@link projected}.
 *
 * @example
 * const options: ProjectedOptions<'last', 'projected'> = { from: 'last', to: { channels: 256 } };
 */
export interface ProjectedOptions<From extends string = string, As extends string = string> {
  /** The tap that is projected, a map `[batch, height, width, channels]`. */
  readonly from: From;
  /** What the projection should look like: the other network's map. */
  readonly to: {
    readonly channels: number;
    /** Height and width; default those of the tap. A larger tap is averaged down first, in whole windows. */
    readonly size?: readonly [height: number, width: number];
  };
  /** By what the channels in between are divided; default 2, which SimKD and ATSC use. Rounded down. */
  readonly reduce?: number;
  /** Name of the new taps; default `projected`. */
  readonly as?: As;
}

/** The whole windows that make a map of `size` out of one of `from`. */
const windowOf = (tap: string, from: readonly number[], size: readonly [number, number]): [number, number] => {
  const [height, width] = [from[0] ?? 0, from[1] ?? 0];
  if (height % size[0] !== 0 || width % size[1] !== 0) throw new CodistillError('SIZE_UNMET', say.models.sizeUnmet(tap, [height, width], size));
  return [height / size[0], width / size[1]];
};

/**
 * A model with a bottleneck projector over one of its maps: 1 × 1 convolution to `channels / reduce`, 3 × 3 convolution, 1 × 1
 * convolution to `channels`, each with batch norm and a rectifier and without bias. SimKD's, Chen et al. 2022, arXiv:2203.14001,
 * and ATSC's, Jang et al. 2024, arXiv:2406.08528.
 *
 * It emits what the model does, `tap:projected` (the map) and `tap:projectedPooled` (its mean over height and width), to which
 * another network's classifier may be applied. The projector is part of the network: its parameters (`projected_conv1/kernel`, …)
 * learn with it, begin as `heNormal`, and are saved with it.
 *
 * @param model - of stock layers, as all of this package are
 * @param options - see {@link ProjectedOptions}
 * @returns a model whose `layers` have the pooled projection as one more output, the last
 * @throws CodistillError `OPTION_INVALID`, `TAP_MISSING`; from `build` `TAP_NOT_MAP`, `SIZE_UNMET`, `MODEL_OPAQUE`, `NOT_COPIED`
 * @example
 * const student = projected(resnet({ depth: 8 }), { from: 'last', to: { channels: 256 } });
 * const map: (typeof student.emits)[number] = 'tap:projectedPooled';
 */
export const projected = <const Emits extends Signal, const From extends TapOf<Emits>, const As extends string = 'projected', const Classes extends number = number>(
  model: Model<Emits, Classes>,
  { from, to: { channels, size }, reduce = 2, as = 'projected' as As }: ProjectedOptions<From, As>,
): Model<Emits | `tap:${As}` | `tap:${As}Pooled`, Classes> => {
  type All = Emits | `tap:${As}` | `tap:${As}Pooled`;
  insistInteger('projected', 'channels', channels);
  for (const length of size ?? []) insistInteger('projected', 'size', length);
  insistInteger('projected', 'reduce', reduce);
  insistInteger('projected', 'channels / reduce', Math.floor(channels / reduce));
  const tap = `tap:${from}` as Emits;
  if (!model.emits.includes(tap)) throw new CodistillError('TAP_MISSING', say.models.tapMissing('projected', from, model.name, model.emits));
  const added = [`tap:${as}`, `tap:${as}Pooled`] as const;
  if (added.some((signal) => (model.emits as readonly Signal[]).includes(signal))) {
    throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('projected', 'as', as, 'a name that the model does not emit yet'));
  }
  return defineModel<All, Classes>({
    package: '@codistill/models',
    name: 'projected',
    options: { of: model, from, to: { channels, ...(size === undefined ? {} : { size: [...size] }) }, reduce, ...(as === 'projected' ? {} : { as }) },
    emits: [...model.emits, ...added],
    classes: model.classes,
    normalisation: model.normalisation,
    build: (site, key) =>
      madeOf('projected', (making) => {
        const inner = making.build(model, site, key);
        const image = tf.input({ shape: [...site.input], name: 'input' });
        const grown = making.regrow(inner, new Map([[inner.layers.inputs[0] as tf.SymbolicTensor, image]]));
        const signals: Record<string, tf.SymbolicTensor> = Object.fromEntries(model.emits.map((signal) => [signal, grown.at(inner.signals[signal])]));
        let map = signals[tap] as tf.SymbolicTensor;
        const lengths = map.shape.slice(1) as number[];
        if (lengths.length !== 3) throw new CodistillError('TAP_NOT_MAP', say.models.tapNotMap('projected', from, lengths));
        const window = size === undefined ? [1, 1] as const : windowOf(from, lengths, size);
        if (Math.max(...window) > 1) map = tf.layers.averagePooling2d({ poolSize: [...window], strides: [...window], name: `${as}_shrunk` }).apply(map) as tf.SymbolicTensor;
        const narrow = Math.floor(channels / reduce);
        map = convUnit(map, { at: as, n: 1, filters: narrow, kernelSize: 1 });
        map = convUnit(map, { at: as, n: 2, filters: narrow });
        map = convUnit(map, { at: as, n: 3, filters: channels, kernelSize: 1 });
        const pooled = tf.layers.globalAveragePooling2d({ name: `${as}_pooled`, dataFormat: 'channelsLast' }).apply(map) as tf.SymbolicTensor;
        Object.assign(signals, { [added[0]]: map, [added[1]]: pooled });
        const layers = tf.model({ inputs: image, outputs: [...inner.layers.outputs.map(grown.at), pooled], name: 'projected' });
        const copies = grown.copies();
        initialise({ layers: layers.layers.filter((layer) => !copies.includes(layer)) }, fold(key, 'projector'), undefined);
        return network<All>(layers, signals as Record<All, tf.SymbolicTensor>, grown.changes);
      }),
  });
};
