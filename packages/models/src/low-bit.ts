import { CodistillError, defineModel, type Model, say, type Signal } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { madeOf } from './made-of.ts';
import { type LayerChange, network } from './network.ts';
import { insistPositive } from './options.ts';
import { activationQuantiser, kernelOf, kernelQuantiser } from './quantisers.ts';

/**
 * Options of {@link lowBit}.
 *
 * @example
 * const options: LowBitOptions = { bits: 4, activations: { clip: 'fixed', at: 6 } };
 */
export interface LowBitOptions {
  /** Width of weights and activations, 2 to 8. */
  readonly bits: number;
  /** Whether each output channel of a kernel has a step of its own (default), or the whole kernel one. */
  readonly weights?: 'channel' | 'tensor';
  /** What is done behind rectifiers: clipped `at` a number, from where it is learnt (default) or stays, and rounded; or `'float'`: nothing. The default of `at` depends on the bits: 1.95 for 2, 4.21 for 8. */
  readonly activations?: { readonly clip: 'learnt' | 'fixed'; readonly at?: number } | 'float';
}

/**
 * Where the clip is at first, from 2 bits to 8: where steps of that width miss the positive half of a standard normal distribution
 * least (in the mean square), since that is what a rectifier makes of what batch norm gives. Our choice. Much larger, and at two bits
 * nearly all is rounded to 0, from where no clip comes back, since none is met.
 */
const CLIPS: readonly number[] = [1.95, 2.47, 2.9, 3.27, 3.61, 3.92, 4.21];

const RECTIFIERS: readonly unknown[] = ['relu', 'relu6'];

const rectifies = (layer: tf.layers.Layer): boolean => layer.getClassName() === 'ReLU' || RECTIFIERS.includes(layer.getConfig()['activation']);

/** The layers with a kernel that have others before them and behind them: all but the first and the last. */
const between = (layers: tf.LayersModel): ReadonlySet<tf.layers.Layer> => {
  const [before, behind] = [new Set<tf.layers.Layer>(), new Set<tf.layers.Layer>()];
  const all = layers.layers.filter((layer) => kernelOf(layer) !== undefined);
  for (const layer of all) {
    const seen = new Set<tf.SymbolicTensor>();
    const open = layer.inboundNodes.flatMap(({ inputTensors }) => inputTensors);
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      if (kernelOf(at.sourceLayer) === undefined) open.push(...at.inputs);
      else {
        behind.add(at.sourceLayer);
        before.add(layer);
      }
    }
  }
  return new Set(all.filter((layer) => before.has(layer) && behind.has(layer)));
};

/**
 * A model that computes with weights and activations of few bits, and learns through the rounding: forward `ŵ = s ⌊w / s + ½⌋`,
 * backward as if it were w (straight-through). Activations are clipped and rounded behind every rectifier as PACT does (Choi et
 * al. 2018, arXiv:1805.06085), and taps there are the rounded ones. The first layer with a kernel, the last, and biases and batch norm stay float.
 *
 * It is meant for CMT-KD (Pham et al. 2023, arXiv:2210.16103), whose paper quantises with HWGQ: this quantiser is our stand-in, and so
 * are its steps (the lesser of `max|w| / q` and `2 mean|w| / √q`, `q = 2^(bits − 1) − 1`) and the first value of the clip.
 *
 * A clip that is learnt is a parameter `<rectifier>_clip/alpha`; optimizers may want weight decay on it, as PACT has. `layers` keeps and
 * saves the float weights and the clips: plain tfjs loads the network as if it had not been rounded. `toIntegers` gives
 * what is deployed.
 *
 * @param model - of stock layers, as all of this package are
 * @param options - see {@link LowBitOptions}
 * @throws CodistillError `OPTION_INVALID`; from `build` `NOTHING_BETWEEN`, `MODEL_OPAQUE`, `NOT_COPIED`
 * @example
 * const student = lowBit(resnet({ depth: 8 }), { bits: 2 });
 * const teacher = lowBit(resnet({ depth: 8 }), { bits: 8, activations: { clip: 'fixed', at: 6 } });
 */
export const lowBit = <const Emits extends Signal, const Classes extends number = number>(
  model: Model<Emits, Classes>,
  { bits, weights = 'channel', activations = { clip: 'learnt' } }: LowBitOptions,
): Model<Emits, Classes> => {
  if (!Number.isSafeInteger(bits) || bits < 2 || bits > 8) {
    throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('lowBit', 'bits', bits, 'an integer from 2 to 8'));
  }
  const clipping = activations === 'float' ? undefined : { at: CLIPS[bits - 2] ?? NaN, ...activations };
  if (clipping !== undefined) insistPositive('lowBit', 'activations: at', clipping.at);
  return defineModel<Emits, Classes>({
    package: '@codistill/models',
    name: 'lowBit',
    options: { of: model, bits, weights, activations: clipping ?? 'float' },
    emits: model.emits,
    classes: model.classes,
    normalisation: model.normalisation,
    build: (site, key) =>
      madeOf('lowBit', (making) => {
        const inner = making.build(model, site, key);
        const kernels = [...between(inner.layers)].map(({ name }) => name);
        if (kernels.length === 0) throw new CodistillError('NOTHING_BETWEEN', say.models.nothingBetween(model.name));
        const image = tf.input({ shape: [...site.input], name: 'input' });
        const changes: Record<string, LayerChange> = {};
        const clipped = (output: tf.SymbolicTensor, layer: tf.layers.Layer): tf.SymbolicTensor => {
          if (clipping === undefined || !rectifies(layer)) return output;
          const name = `${layer.name}_clip`;
          changes[name] = activationQuantiser(bits, clipping.clip === 'fixed' ? clipping.at : null);
          // Stock layers that hand on what is not negative (and not clipped), one of them with a weight: so the clip is saved.
          const stock =
            clipping.clip === 'fixed'
              ? tf.layers.reLU({ maxValue: clipping.at, name })
              : tf.layers.prelu({ sharedAxes: output.shape.slice(1).map((_, axis) => axis + 1), alphaInitializer: tf.initializers.constant({ value: clipping.at }), name });
          return stock.apply(output) as tf.SymbolicTensor;
        };
        const grown = making.regrow(inner, new Map([[inner.layers.inputs[0] as tf.SymbolicTensor, image]]), { replace: clipped });
        const signals = Object.fromEntries(model.emits.map((signal) => [signal, grown.at(inner.signals[signal])])) as Record<Emits, tf.SymbolicTensor>;
        const layers = tf.model({ inputs: image, outputs: inner.layers.outputs.map(grown.at), name: 'low_bit' });
        for (const name of kernels) changes[name] = kernelQuantiser(layers.getLayer(name), bits, weights);
        return network(layers, signals, { ...grown.changes, ...changes });
      }),
  });
};
