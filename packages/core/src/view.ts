import type * as tf from '@tensorflow/tfjs';
import type { Key } from './key.ts';
import type { Batch } from './loader.ts';
import type { Part, PartOrigin } from './part.ts';
import type { Readings, Signal } from './signal.ts';
import type { LabelKind, Labels } from './task.ts';

/**
 * What a node sees of a batch: an augmentation, on the host, as a pure function of the batch and a key.
 * The input is in [0, 1] and stays there; labels may change with it (mixup).
 *
 * @example
 * const look = (view: View, batch: Batch, key: Key): Batch => view.apply(batch, key);
 */
export interface View extends Part {
  /** Returns a new batch of the same size; the one it was given is not changed. */
  apply(batch: Batch, key: Key): Batch;
}

/**
 * Makes a view of a function.
 *
 * @param origin - name, package and options. A loader with worker threads imports `package` and calls its export `name`
 *   with `options`, so a view of a package should be exported under that name; a `'local'` view runs in the main thread.
 * @param apply - pure function
 * @example
 * const darker = defineView({ name: 'darker' }, (batch) => ({
 *   ...batch,
 *   input: { ...batch.input, values: batch.input.values.map((x) => x / 2) },
 * }));
 */
export const defineView = (origin: PartOrigin, apply: (batch: Batch, key: Key) => Batch): View =>
  Object.freeze({ package: 'local', options: {}, ...origin, apply });

/**
 * A view that a node of the graph makes, in the step: examples mined by a teacher.
 *
 * @example
 * const maker = (view: NodeView): string => view.by;
 */
export interface NodeView<By extends string = string> extends Part {
  /** The node whose network looks. */
  readonly by: By;
  /**
   * What is seen of a batch. Outside the tape: no gradient flows through it.
   *
   * @param input - `[batch, ...input]`, normalised as the loader does
   * @param labels - those of the batch, which hold for the view as well
   * @param read - what the node emits for an input, in inference mode; differentiable
   * @returns a tensor of the input's shape, which the engine disposes
   */
  look(input: tf.Tensor, labels: Labels<LabelKind, tf.Tensor>, read: (input: tf.Tensor, signals: readonly Signal[]) => Readings): tf.Tensor;
}

/**
 * Makes a view that a node makes.
 *
 * @example
 * const inverted = defineNodeView({ name: 'inverted', by: 'teacher', look: (input) => input.neg() });
 */
export const defineNodeView = <const By extends string>(view: PartOrigin & Omit<NodeView<By>, keyof Part>): NodeView<By> =>
  Object.freeze({ package: 'local', options: {}, ...view });
