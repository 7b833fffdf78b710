import type { Named, Part, Update } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';
import { below, under } from './slots.ts';

/**
 * A part of an optimizer, under the name below which its slots and scalars stand.
 *
 * @example
 * const labelled: Labelled = { label: 'trace#2', part: trace({ momentum: 0.9 }) };
 */
export interface Labelled<P extends Part = Part> {
  readonly label: string;
  readonly part: P;
}

/**
 * One record of what each part has, below its label.
 *
 * @example
 * const scalars = gather([{ label: 'last', part: sgd({ lr: 0.1 }) }], ({ part }) => part.scalars); // { 'last/descend/lr': 0.1 }
 */
export const gather = <L extends Labelled, T>(all: readonly L[], recordOf: (one: L) => Named<T>): Record<string, T> =>
  Object.fromEntries(all.flatMap((one) => Object.entries(below(one.label, recordOf(one)))));

/**
 * What one part sees of an update: its own slots and scalars, and these gradients.
 *
 * @example
 * declare const update: Update;
 * const lr = seenBy('descend', update, update.gradients).scalar('lr'); // update.scalar('descend/lr')
 */
export const seenBy = (label: string, update: Update, gradients: Named<tf.Tensor>): Update => ({
  gradients,
  parameters: update.parameters,
  slots: under(label, update.slots),
  scalar: (name) => update.scalar(`${label}/${name}`),
});
