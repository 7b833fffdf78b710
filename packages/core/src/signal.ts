import type * as tf from '@tensorflow/tfjs';

/**
 * What a node can hand to a term: its output (`logits`, `boxes`, `density`) or a named intermediate activation (`tap:block2`).
 *
 * - `logits`: float32, classes last: `[batch, classes]`, or `[batch, height, width, classes]` for masks
 * - `tap:<name>`: float32, channels last
 *
 * @example
 * const needs: readonly Signal[] = ['logits', 'tap:pooled'];
 */
export type Signal = 'logits' | 'boxes' | 'density' | `tap:${string}`;

/**
 * The tensors a node emitted for one batch, by signal. Whoever asked for them disposes them.
 *
 * @example
 * const depth = (readings: Readings<'logits'>): number => readings.logits.rank;
 */
export type Readings<Emits extends Signal = Signal> = { readonly [S in Emits]: tf.Tensor };

/**
 * What a part that combines readings gives: a reading of every signal it names. Of a part whose signals are not known it promises
 * none in particular, so that any ensembler is an `Ensembler`.
 *
 * @example
 * const combined = (emitted: Emitted<'logits'>): number => emitted.logits.rank;
 */
export type Emitted<Emits extends Signal = Signal> = Signal extends Emits ? Partial<Readings> : Readings<Emits>;
