import type * as tf from '@tensorflow/tfjs';
import { copyLayer } from './copy-layers.ts';
import type { LayerChange, LayersNetwork } from './network.ts';
import { takeWeights } from './take-weights.ts';

/** How copies of a network's layers grow. */
export interface Growth {
  /** What the copy of a layer is called; default the same. */
  readonly rename?: (layer: string) => string;
  /** What stands in the place of a copied layer's output, for layers behind and for signals; default that output. */
  readonly replace?: (output: tf.SymbolicTensor, layer: tf.layers.Layer) => tf.SymbolicTensor;
}

/** A part of a network that has grown again. */
export interface Regrown {
  /** The copy's output for one of the old; layers in between are copied when they are first needed. */
  at(old: tf.SymbolicTensor): tf.SymbolicTensor;
  /** What the copied layers do in another way than stock ones, under their new names. */
  readonly changes: Readonly<Record<string, LayerChange>>;
  /** The layers that are copies. */
  copies(): readonly tf.layers.Layer[];
}

/**
 * Copies layers of a network, with their weights, into a graph that begins elsewhere: the way models are made of models.
 *
 * @param network - not changed
 * @param known - where growing begins: outputs of old layers, and what stands in their place. All ways back from what is asked for
 *   must meet one. Entries that are added later are heeded.
 * @param growth - `rename`, `replace`
 * @throws CodistillError from `at`: `NOT_COPIED`
 */
export const regrow = (
  { changes: oldChanges }: Pick<LayersNetwork, 'changes'>,
  known: Map<tf.SymbolicTensor, tf.SymbolicTensor>,
  { rename = (name) => name, replace = (output) => output }: Growth = {},
): Regrown => {
  const copies = new Map<tf.layers.Layer, tf.layers.Layer>();
  const changes: Record<string, LayerChange> = {};
  const at = (old: tf.SymbolicTensor): tf.SymbolicTensor => {
    const there = known.get(old);
    if (there !== undefined) return there;
    const layer = old.sourceLayer;
    const inputs = old.inputs.map(at);
    const copy = copies.get(layer) ?? copyLayer(layer, rename(layer.name));
    const outputs = [copy.apply(inputs.length === 1 ? (inputs[0] as tf.SymbolicTensor) : inputs)].flat() as tf.SymbolicTensor[];
    if (!copies.has(layer)) {
      takeWeights(layer, copy);
      const change = oldChanges[layer.name];
      if (change !== undefined) changes[copy.name] = change;
      copies.set(layer, copy);
    }
    const grown = replace(outputs[old.outputTensorIndex ?? 0] as tf.SymbolicTensor, layer);
    known.set(old, grown);
    return grown;
  };
  return { at, changes, copies: () => [...copies.values()] };
};
