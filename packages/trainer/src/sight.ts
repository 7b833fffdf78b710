import type { LabelKind, Labels, Named, NodeView } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { applyAffine } from './affine.ts';
import type { LiveGraph } from './live-graph.ts';
import { must } from './must.ts';
import type { Seen, ViewFeeds } from './view-feeds.ts';

/**
 * What the nodes of a graph see of one batch.
 *
 * @example
 * const rows = (sight: Sight, node: string): number => sight.ids(node).shape[0];
 */
export interface Sight {
  /** What a network is given, normalised as it expects. */
  input(node: string): tf.Tensor;
  /** The labels beside it; a derived node sees what its first member sees. */
  labels(node: string): Labels<LabelKind, tf.Tensor>;
  /** The examples' ids, likewise. */
  ids(node: string): tf.Tensor1D;
}

const stacked = <T extends tf.Tensor>(tensors: readonly T[]): T => (tensors.length === 1 ? (tensors[0] as T) : tf.concat<T>([...tensors], 0));

/** The k-th of n equal parts along the batch axis. */
const sliced = (tensor: tf.Tensor, [k, n]: readonly [number, number]): tf.Tensor => {
  const [rows] = tensor.shape as readonly [number];
  if (n === 1 || rows < n) return tensor;
  const from = Math.floor((rows * k) / n);
  return tensor.slice(from, Math.floor((rows * (k + 1)) / n) - from);
};

/**
 * Opens a batch. Tensors belong to the scope it is used in; views that nodes make are made when first asked for, which should be
 * outside the tape.
 *
 * @param batch - under the names of `toFeeds`
 * @param part - which part of it, `[0, 1]` for all
 * @example
 * declare const live: LiveGraph;
 * declare const feeds: ViewFeeds;
 * const sight = createSight(live, feeds, {}, [0, 1]);
 */
export const createSight = (live: Pick<LiveGraph, 'graph' | 'nodes'>, feeds: ViewFeeds, batch: Named<tf.Tensor>, part: readonly [number, number]): Sight => {
  const looks = new Map<NodeView, tf.Tensor>();
  const inputs = new Map<string, tf.Tensor>();
  const fed = (name: string): tf.Tensor => sliced(must(batch[name], name), part);

  const labelsOf = ({ feed }: Seen): Record<string, tf.Tensor> => {
    const prefix = `labels/${feed}/`;
    const names = Object.keys(batch).filter((name) => name.startsWith(prefix));
    return Object.fromEntries(names.map((name) => [name.slice(prefix.length), fed(name)]));
  };

  const see = (seen: Seen): tf.Tensor => {
    const plain = fed(`input/${seen.feed}`);
    const { look } = seen;
    if (look === undefined) return plain;
    const known = looks.get(look);
    if (known !== undefined) return known;
    const { network, affine } = must(live.nodes[look.by], `network of '${look.by}'`);
    const made = look.look(plain, labelsOf(seen) as Labels<LabelKind, tf.Tensor>, (input, signals) => network.read(applyAffine(input, affine), signals, { training: false }));
    looks.set(look, made);
    return made;
  };

  const seenBy = (node: string): readonly Seen[] => {
    const derived = live.graph.derived[node];
    if (derived === undefined) return must(feeds.seenBy[node], `view of '${node}'`);
    const all = seenBy(must(derived.of[0], `member of '${node}'`));
    return derived.view === undefined ? all : [must(all[derived.view], `view ${derived.view} of '${node}'`)];
  };

  return {
    input: (node) => {
      const known = inputs.get(node);
      if (known !== undefined) return known;
      const made = applyAffine(stacked(seenBy(node).map(see)), must(live.nodes[node], `network of '${node}'`).affine);
      inputs.set(node, made);
      return made;
    },
    labels: (node) => {
      const each = seenBy(node).map(labelsOf);
      const names = Object.keys(each[0] ?? {});
      return Object.fromEntries(names.map((name) => [name, stacked(each.map((labels) => must(labels[name], name)))])) as Labels<LabelKind, tf.Tensor>;
    },
    ids: (node) => stacked(seenBy(node).map(() => fed('ids') as tf.Tensor1D)),
  };
};
