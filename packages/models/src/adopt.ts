import { CodistillError, defineModel, type Key, type Model, type Network, type Normalisation, say, type Site } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { copyLayers } from './copy-layers.ts';
import { disposeLayers } from './dispose-layers.ts';
import { initialise as initialiseFrom } from './initialise.ts';
import { logitsOf } from './logits-of.ts';
import { network } from './network.ts';
import { makeRepeatable } from './repeatable.ts';

/**
 * Options of {@link adopt}.
 *
 * @example
 * const options: AdoptOptions<'features', 10> = { taps: { features: 'global_average' }, classes: 10 };
 */
export interface AdoptOptions<Tap extends string = string, Classes extends number = number> {
  /** Layers whose output is emitted, by the name of the tap: `{ features: 'conv5' }` emits `tap:features`. Default none. */
  readonly taps?: Readonly<Record<Tap, string>>;
  /** The layer whose output is the logits; default the model's output. Layers behind it are left out. */
  readonly logits?: string;
  /** How many classes the model has, for the compiler to compare with the data; checked against the model. */
  readonly classes?: Classes;
  /** The normalisation the weights were trained with; default the data's. */
  readonly normalisation?: Normalisation;
  /** Weights: `'keep'` those of the model, or draw `'fresh'` ones from the key. Default `'keep'` for a model, `'fresh'` for a function. */
  readonly initialise?: 'keep' | 'fresh';
}

/**
 * A function that builds a model for a site.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const linear: LayersFactory = ({ input, classes }) =>
 *   tf.sequential({ layers: [tf.layers.dense({ units: classes, inputShape: [...input], name: 'head' })] });
 */
export type LayersFactory = (site: Site, key: Key) => tf.LayersModel;

interface Ends {
  readonly logits: tf.SymbolicTensor;
  readonly taps: Readonly<Record<string, tf.SymbolicTensor>>;
}

/** The outputs that adoption is about. The last layer of `model` may lose its softmax. */
const endsOf = (model: tf.LayersModel, { taps = {}, logits, classes }: AdoptOptions): Ends => {
  const outputOf = (use: string, name: string): tf.SymbolicTensor => {
    const layer = model.layers.find((candidate) => candidate.name === name);
    if (layer === undefined) throw new CodistillError('LAYER_MISSING', say.models.layerMissing(use, name, model.layers.map((each) => each.name)));
    // A model inside has one node more, which joins its own ends.
    const [node, ...others] = layer.inboundNodes.length === 1 ? layer.inboundNodes : layer.inboundNodes.filter(({ inboundLayers }) => inboundLayers.length > 0);
    const [output] = node?.outputTensors ?? [];
    if (output === undefined || others.length > 0) throw new CodistillError('LAYER_SHARED', say.models.layerShared(use, name, others.length + 1));
    return output;
  };
  if (model.inputs.length !== 1) throw new CodistillError('INPUTS_COUNT', say.models.inputsCount(model.inputNames));
  const [output, ...others] = logits === undefined ? model.outputs : [outputOf('logits', logits)];
  if (output === undefined || others.length > 0) throw new CodistillError('OUTPUTS_COUNT', say.models.outputsCount(model.outputNames));
  const units = output.shape.at(-1);
  if (classes !== undefined && units !== classes) throw new CodistillError('CLASSES_DECLARED', say.models.classesDeclared(classes, output.shape));
  const tapped = Object.fromEntries(Object.entries(taps).map(([tap, name]) => [`tap:${tap}`, outputOf(`tap '${tap}'`, name)]));
  return { logits: logitsOf(output), taps: tapped };
};

/** tfjs calls a layer without a name `dense_Dense7`, and counts on. */
const isUnnamed = (layer: tf.layers.Layer): boolean => new RegExp(`_${layer.getClassName()}\\d+$`).test(layer.name);

const insistSite = (layers: tf.LayersModel, logits: tf.SymbolicTensor, site: Site): void => {
  const takes = layers.inputs[0]?.shape.slice(1) ?? [];
  const fits = takes.length === site.input.length && takes.every((length, axis) => length === null || length === site.input[axis]);
  if (!fits) throw new CodistillError('INPUT_SHAPE', say.models.inputShape(takes, site.input));
  const classes = logits.shape.at(-1) ?? null;
  if (classes !== site.classes) throw new CodistillError('CLASSES_DIFFER', say.models.classesDiffer(classes, site.classes));
};

/** Makes a network of a model that nobody else uses. */
const wrap = (model: tf.LayersModel, options: AdoptOptions, site: Site, key: Key | undefined): Network => {
  const { logits, taps } = endsOf(model, options);
  const layers = tf.model({ inputs: model.inputs, outputs: logits, name: model.name });
  insistSite(layers, logits, site);
  if (key !== undefined) initialiseFrom(layers, key, logits.sourceLayer.name);
  const made = network(layers, { ...taps, logits });
  // What lies behind the logits belongs to no one any more.
  for (const layer of model.layers) if (!layers.layers.includes(layer)) layer.dispose();
  return made;
};

/**
 * Makes a model of any `tf.LayersModel`: your own, one that was loaded, or one that a function builds.
 *
 * A model is *copied* each time a network is built: yours is never changed, and must not be disposed while the pipeline lives. A
 * function is called each time, and what it returns belongs to the network; its layers with weights need names of their own,
 * since tfjs numbers the others anew at each call.
 *
 * - **Softmax.** Losses work on logits. A final softmax, as a layer or as the last layer's activation, is left out, in the
 *   exported model too; put one behind what you load if you want probabilities. A final sigmoid is refused.
 * - **Batch norm and dropout** become ours, as `network` says. Layers with `trainable: false` stay frozen: their variables are
 *   buffers, and their batch norm infers.
 * - **Fresh weights** are those of `initialise`, not of the layers' own initialisers, which know no key.
 *
 * @param source - a built LayersModel with one input, or a function of the site (and of the key) that returns one
 * @param options - see {@link AdoptOptions}
 * @returns a model that emits `logits` and one `tap:<name>` per tap; fixed to the model's classes, or to any if a function is given
 * @throws CodistillError at once for a model, from `build` for a function: `LAYER_MISSING`, `LAYER_SHARED`, `INPUTS_COUNT`,
 *   `OUTPUTS_COUNT`, `ENDS_IN`, `CLASSES_DECLARED`, `NOT_COPIED`, and what `network` throws; from
 *   `build` `INPUT_SHAPE`, `CLASSES_DIFFER`, `LAYERS_UNNAMED`
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const mine = tf.sequential({
 *   layers: [
 *     tf.layers.dense({ units: 32, activation: 'relu', inputShape: [8], name: 'hidden' }),
 *     tf.layers.dense({ units: 3, activation: 'softmax', name: 'out' }),
 *   ],
 * });
 * const teacher = adopt(mine, { taps: { hidden: 'hidden' }, classes: 3 });
 * console.log(teacher.emits); // ['logits', 'tap:hidden']
 */
export const adopt = <const Tap extends string = never, const Classes extends number = number>(
  source: tf.LayersModel | LayersFactory,
  options: AdoptOptions<Tap, Classes> = {},
): Model<'logits' | `tap:${Tap}`, Classes> => {
  type Emits = 'logits' | `tap:${Tap}`;
  const isFactory = typeof source === 'function';
  const { initialise = isFactory ? 'fresh' : 'keep', normalisation = null } = options;

  let classes: number | null = options.classes ?? null;
  if (!isFactory) {
    // A trial on a copy, so that what is wrong is said here and not when the pipeline is built.
    const copy = copyLayers(source);
    try {
      classes = endsOf(copy, options).logits.shape.at(-1) ?? null;
      makeRepeatable(copy);
    } finally {
      disposeLayers(copy);
    }
  }

  return defineModel<Emits, Classes>({
    package: '@codistill/models',
    name: 'adopt',
    options: {
      ...(isFactory ? {} : { parameters: source.countParams() }),
      ...(options.taps === undefined ? {} : { taps: { ...options.taps } }),
      ...(options.logits === undefined ? {} : { logits: options.logits }),
      initialise,
    },
    emits: ['logits', ...Object.keys(options.taps ?? {}).map((tap) => `tap:${tap}` as Emits)],
    classes: classes as Classes | null,
    normalisation,
    build: (site, key) => {
      const model = isFactory ? source(site, key) : copyLayers(source);
      try {
        if (isFactory) {
          const unnamed = model.layers.filter((layer) => layer.weights.length > 0 && isUnnamed(layer)).map(({ name }) => name);
          if (unnamed.length > 0) throw new CodistillError('LAYERS_UNNAMED', say.models.layersUnnamed(unnamed));
        }
        return wrap(model, options, site, initialise === 'fresh' ? key : undefined);
      } catch (error) {
        disposeLayers(model);
        throw error;
      }
    },
  });
};
