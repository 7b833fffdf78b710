import type { LabelKind, Labels, Named, Readings, Signal } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { applyAffine } from './affine.ts';
import type { LiveGraph } from './live-graph.ts';
import { must } from './must.ts';
import { addDerived } from './read-derived.ts';
import { shareReadings } from './shared-readings.ts';

/**
 * The shape of each signal.
 *
 * @example
 * const shapes: Shapes = { logits: [1, 10] };
 */
export type Shapes = Readonly<Partial<Record<Signal, readonly number[]>>>;

/**
 * The shapes of readings.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * shapesOf({ logits: tf.zeros([1, 10]) }); // { logits: [1, 10] }
 */
export const shapesOf = (readings: Named<tf.Tensor>): Shapes => Object.fromEntries(Object.entries(readings).map(([signal, { shape }]) => [signal, shape]));

/**
 * The shapes a derived node emits for one blank example.
 *
 * @param live - its members exist, and so does what it owns
 * @param blank - `[1, ...input]`
 * @param known - shapes of its members
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * declare const live: LiveGraph;
 * const shapes = derivedShapes(live, 'mix', tf.zeros([1, 32, 32, 3]), { a: { logits: [1, 10] } });
 */
export const derivedShapes = (
  live: Pick<LiveGraph, 'graph' | 'nodes' | 'derived'>,
  name: string,
  blank: tf.Tensor,
  known: Readonly<Record<string, Shapes>>,
): Shapes => {
  let shapes: Shapes = {};
  tf.tidy(() => {
    const members = live.graph.derived[name]?.of ?? [];
    const blanks = (member: string): Readings => Object.fromEntries(Object.entries(known[member] ?? {}).map(([signal, shape]) => [signal, tf.zeros([...(shape ?? [])])])) as unknown as Readings;
    const readings = new Map(members.map((member) => [member, blanks(member)]));
    addDerived(live, [name], readings, {
      training: false,
      logSoftmax: shareReadings(new Set()).logSoftmax,
      input: (member) => applyAffine(blank, must(live.nodes[member], `network of '${member}'`).affine),
      mode: () => ({ training: false }),
      labelsOf: () => {
        const { kind, classes } = live.graph.spec.task;
        // One label that is valid for every kind with a single array; boxes come in three.
        return { [kind]: tf.fill([1, classes], 1 / classes) } as unknown as Labels<LabelKind, tf.Tensor>;
      },
      keyOf: () => undefined,
      scalarOf: () => tf.scalar(1),
    });
    shapes = shapesOf(must(readings.get(name), `readings of '${name}'`));
  });
  return shapes;
};
