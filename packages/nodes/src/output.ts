import { defineDerived, type Derived, type Signal } from '@codistill/core';

/**
 * Under which names signals are handed on: `{ logits: 'tap:p1/logits' }`.
 *
 * @example
 * const renaming: Renaming = { logits: 'tap:p1/logits', 'tap:pooled': 'tap:p1/pooled' };
 */
export type Renaming = { readonly [To in Signal]?: Signal };

/**
 * Options of {@link output}.
 *
 * @example
 * const options: OutputOptions<'net', { readonly logits: 'tap:p2/logits' }> = { of: 'net', emit: { logits: 'tap:p2/logits' }, view: 1 };
 */
export interface OutputOptions<Of extends string = string, Emit extends Renaming = Renaming> {
  /** The node whose readings are handed on. */
  readonly of: Of;
  /** What is emitted, and what it is called over there. */
  readonly emit: Emit;
  /** Which of the node's views the readings belong to, from 0: they have the rows of that one. Default all. */
  readonly view?: number;
}

/**
 * Some readings of another node under names of their own, so that one branch of a network, or one of several targets, is a node that
 * losses may begin and end at. It owns nothing, and gradients pass as if it were not there.
 *
 * @param options - `of`, `emit`, `view`
 * @returns a node that emits the keys of `emit`, and is measured where these include `logits`
 * @example
 * // The second branch of branches(resnet({ depth: 32 }), { names: ['p1', 'p2'], from: 'block2', views: true })
 * const second = output({ of: 'net', emit: { logits: 'tap:p2/logits', 'tap:pooled': 'tap:p2/pooled' }, view: 1 });
 * console.log(second.emits); // ['logits', 'tap:pooled'], and typed so
 */
export const output = <const Of extends string, const Emit extends Renaming>({
  of,
  emit,
  view,
}: OutputOptions<Of, Emit>): Derived<Of, Extract<keyof Emit, Signal>, Extract<Emit[keyof Emit], Signal>> => {
  type To = Extract<keyof Emit, Signal>;
  type From = Extract<Emit[keyof Emit], Signal>;
  const pairs = Object.entries(emit) as [To, From][];
  return defineDerived<Of, To, From>({
    package: '@codistill/nodes',
    name: 'output',
    options: { of, emit: { ...(emit as Record<string, string>) }, ...(view === undefined ? {} : { view }) },
    of: [of],
    emits: pairs.map(([to]) => to),
    needs: [...new Set(pairs.map(([, from]) => from))],
    ...(view === undefined ? {} : { view }),
    read: ([member]) => Object.fromEntries(pairs.map(([to, from]) => [to, (member as NonNullable<typeof member>)[from].clone()])) as never,
  });
};
