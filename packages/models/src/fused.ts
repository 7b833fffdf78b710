import { CodistillError, defineModel, detach, fold, type Model, say, type Signal, sizeOf } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { madeOf } from './made-of.ts';
import { type LayerChange, network } from './network.ts';
import { type Numbered, numberedTaps } from './numbered.ts';
import { type TapOf, type MemberSignal, memberSignal } from './taps.ts';
import { wayBehind } from './way-behind.ts';

/**
 * Options of {@link fused}.
 *
 * @example
 * const options: FusedOptions<['block1', 'block2']> = { at: ['block1', 'block2'] };
 */
export interface FusedOptions<At extends readonly string[] = readonly string[]> {
  /** The taps at which the members are fused, at least one, from the input on. */
  readonly at: At;
}

/** Zeros `[batch, 1]`, made of the image, since a layer's weight needs an input to follow: no pixel is above the threshold. */
const zeroOf = (image: tf.SymbolicTensor): tf.SymbolicTensor => {
  const flat = tf.layers.reshape({ targetShape: [sizeOf(image.shape.slice(1) as number[]), 1], name: 'fusion_pixels' }).apply(image);
  const most = tf.layers.globalMaxPooling1d({ name: 'fusion_most' }).apply(flat);
  return tf.layers.thresholdedReLU({ theta: 3e38, name: 'fusion_zero' }).apply(most) as tf.SymbolicTensor;
};

/** The layer's weight for every example, `[batch, 1, members]`, without looking it up: its gradient is a plain sum. */
const broadcasts: LayerChange = (layer) => {
  layer.call = (inputs) =>
    tf.tidy(() => {
      const zero = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor;
      const weight = layer.weights[0]?.read() as tf.Tensor;
      return tf.mul(tf.ones([zero.shape[0], 1, 1]), tf.reshape(weight, [1, 1, -1]));
    });
};

/** Softmax in single steps: TensorFlow's own differs by a bit between a step that is recorded and one that is not. */
const normalises: LayerChange = (layer) => {
  layer.call = (inputs) =>
    tf.tidy(() => {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor;
      const powers = tf.exp(tf.sub(x, detach(tf.max(x, -1, true))));
      return tf.div(powers, tf.sum(powers, -1, true));
    });
};

/** `Σ softmax(π)ᵢ Aᵢ` in stock layers. */
const fusion = (tap: string, maps: readonly tf.SymbolicTensor[], zero: tf.SymbolicTensor): tf.SymbolicTensor => {
  const shape = maps[0]?.shape.slice(1) as number[];
  const name = `fusion_${tap}`;
  const importance = tf.layers.embedding({ inputDim: 1, outputDim: maps.length, embeddingsInitializer: 'zeros', name: `fusion/${tap}` }).apply(zero);
  const shares = tf.layers.softmax({ axis: -1, name: `${name}_shares` }).apply(importance) as tf.SymbolicTensor;
  const rows = maps.map((map, index) => tf.layers.reshape({ targetShape: [1, sizeOf(shape)], name: `${name}_row${index + 1}` }).apply(map) as tf.SymbolicTensor);
  const all = tf.layers.concatenate({ axis: 1, name: `${name}_rows` }).apply(rows) as tf.SymbolicTensor;
  const sum = tf.layers.dot({ axes: [2, 1], name: `${name}_sum` }).apply([shares, all]);
  return tf.layers.reshape({ targetShape: shape, name }).apply(sum) as tf.SymbolicTensor;
};

/**
 * One network of several of the same architecture that run together: at each of some taps the members' maps are fused, and the
 * fusion replaces the input of the next layers of every member:
 *
 * `F_k = Σᵢ softmax(π_k)ᵢ · A_kⁱ`
 *
 * Eq. 1 of CMT-KD, Pham et al. 2023, arXiv:2210.16103, as a third party transcribes it; its members are teachers of different bit widths
 * (`lowBit`). `π_k`, one number per member, learns: parameter `fusion/<tap>/embeddings`, shape `[1, members]`, zeros at first.
 *
 * It emits `tap:fusion1`, `tap:fusion2`, … (`F_k`, in the order of `at`), what each member does under its name, `tap:t4/logits`, … (its map
 * before fusion, where it is fused), and `logits`: the mean of the members' logits, which is our choice. `layers` are stock, and saved
 * as one model; what members change in their layers, as `lowBit` does, is not saved, as ever.
 *
 * @param members - at least two models, by name, whose maps at the taps are of one shape
 * @param options - see {@link FusedOptions}
 * @throws CodistillError `OPTION_INVALID`, `TAP_MISSING`; from `build` `FUSION_ORDER`, `FUSION_SHAPES`, `SIGNAL_AROUND`,
 *   `MODEL_OPAQUE`, `NOT_COPIED`
 * @example
 * const net = resnet({ depth: 8 });
 * const teachers = fused({ t4: lowBit(net, { bits: 4 }), t8: lowBit(net, { bits: 8 }) }, { at: ['block1', 'block2', 'block3'] });
 * const third: (typeof teachers.emits)[number] = 'tap:fusion3';
 */
export const fused = <const Emits extends Signal, const Member extends string, const At extends readonly TapOf<Emits>[], const Classes extends number = number>(
  members: { readonly [M in Member]: Model<Emits, Classes> },
  { at }: FusedOptions<At>,
): Model<'logits' | `tap:${Numbered<'fusion', At>}` | MemberSignal<Emits, Member>, Classes> => {
  type All = 'logits' | `tap:${Numbered<'fusion', At>}` | MemberSignal<Emits, Member>;
  const models = Object.entries(members) as [Member, Model<Emits, Classes>][];
  const [first] = models;
  if (first === undefined || models.length < 2 || !models.every(([name]) => /^[\w-]+$/.test(name))) {
    throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('fused', 'members', `{ ${Object.keys(members).join(', ')} }`, 'at least two, with names of letters, digits, _ and -'));
  }
  if (at.length === 0) throw new CodistillError('OPTION_INVALID', say.parts.optionInvalid('fused', 'at', '[]', 'at least one tap'));
  const taps = at.map((tap) => `tap:${tap}` as Emits);
  for (const [, model] of models) {
    taps.forEach((signal, index) => {
      if (!model.emits.includes(signal)) throw new CodistillError('TAP_MISSING', say.models.tapMissing('fused', String(at[index]), model.name, model.emits));
    });
  }
  return defineModel<All, Classes>({
    package: '@codistill/models',
    name: 'fused',
    options: { ...members, at: [...at] },
    emits: ['logits', ...Object.keys(numberedTaps('fusion', at)), ...models.flatMap(([name, { emits }]) => emits.map((signal) => memberSignal(signal, name)))] as All[],
    classes: first[1].classes,
    normalisation: first[1].normalisation,
    build: (site, key) =>
      madeOf('fused', (making) => {
        const image = tf.input({ shape: [...site.input], name: 'input' });
        const runs = models.map(([name, model]) => {
          const inner = making.build(model, site, fold(key, 'member', name));
          taps.forEach((tap, index) => {
            const previous = taps[index - 1];
            if (previous !== undefined && wayBehind(inner.signals[previous], inner.signals[tap]) !== 'through') {
              throw new CodistillError('FUSION_ORDER', say.models.fusionOrder(tap, previous));
            }
            if (wayBehind(inner.signals[tap], inner.signals['logits' as Emits]) !== 'through') throw new CodistillError('SIGNAL_AROUND', say.models.signalAround('logits', tap));
          });
          const known = new Map([[inner.layers.inputs[0] as tf.SymbolicTensor, image]]);
          return { name, inner, known, grown: making.regrow(inner, known, { rename: (layer) => `${name}_${layer}` }), own: new Map<tf.SymbolicTensor, tf.SymbolicTensor>() };
        });
        const zero = zeroOf(image);
        const fusions = taps.map((tap, index) => {
          const maps = runs.map(({ inner, grown }) => grown.at(inner.signals[tap]));
          if (new Set(maps.map(({ shape }) => shape.join())).size > 1) {
            throw new CodistillError('FUSION_SHAPES', say.models.fusionShapes(tap, Object.fromEntries(runs.map(({ name }, member) => [name, maps[member]?.shape.slice(1) ?? []]))));
          }
          const together = fusion(String(at[index]), maps, zero);
          // What lies behind, in every member, follows from the fusion; the member's own map is still what it emits.
          runs.forEach(({ inner, known, own }, member) => {
            own.set(inner.signals[tap], maps[member] as tf.SymbolicTensor);
            known.set(inner.signals[tap], together);
          });
          return together;
        });
        const signals: Record<string, tf.SymbolicTensor> = { ...numberedTaps('fusion', fusions) };
        const changes: Record<string, LayerChange> = Object.fromEntries(at.flatMap((tap) => [[`fusion/${tap}`, broadcasts], [`fusion_${tap}_shares`, normalises]]));
        for (const { name, inner, grown, own } of runs) {
          for (const signal of Object.keys(inner.signals) as Emits[]) {
            signals[memberSignal(signal, name)] = own.get(inner.signals[signal]) ?? grown.at(inner.signals[signal]);
          }
          Object.assign(changes, grown.changes);
        }
        const heads = models.map(([name]) => signals[memberSignal('logits', name)] as tf.SymbolicTensor);
        const logits = tf.layers.average({ name: 'logits' }).apply(heads) as tf.SymbolicTensor;
        const layers = tf.model({ inputs: image, outputs: logits, name: 'fused' });
        return network<All>(layers, { ...signals, logits } as Record<All, tf.SymbolicTensor>, changes);
      }),
  });
};
