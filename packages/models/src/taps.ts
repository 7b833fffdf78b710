import type { Signal } from '@codistill/core';

/**
 * The names of a model's taps: `block1` of `tap:block1`.
 *
 * @example
 * const name: TapOf<'logits' | 'tap:pooled'> = 'pooled';
 */
export type TapOf<Emits extends Signal> = Emits extends `tap:${infer Name}` ? Name : never;

/**
 * The signals of a network inside another: `tap:<name>/logits`, `tap:<name>/pooled`, ….
 *
 * @example
 * const signal: MemberSignal<'logits' | 'tap:pooled', 'p1'> = 'tap:p1/pooled';
 */
export type MemberSignal<Emits extends Signal, Name extends string> = Emits extends `tap:${infer Tap}` ? `tap:${Name}/${Tap}` : `tap:${Name}/${Emits}`;

/**
 * The name under which another network emits a signal of one inside it.
 *
 * @param signal - of the network inside
 * @param name - what that is called
 * @example
 * memberSignal('tap:pooled', 'p1'); // 'tap:p1/pooled'
 */
export const memberSignal = <const Emits extends Signal, const Name extends string>(signal: Emits, name: Name): MemberSignal<Emits, Name> =>
  `tap:${name}/${signal.replace(/^tap:/, '')}` as MemberSignal<Emits, Name>;
