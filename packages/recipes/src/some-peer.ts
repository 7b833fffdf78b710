import type { Named } from '@codistill/core';

/**
 * The name of a peer, inside a recipe whose caller names them: it stands for each of them. (A literal, so that names that a recipe makes of
 * it, `${peer}Mean`, are known to be others.) Callers never meet it.
 *
 * @example
 * const meanOf = (peer: SomePeer): string => `${peer}Mean`;
 */
export type SomePeer = 'peer';

/**
 * Names of peers where the caller gives none.
 *
 * @example
 * const peers = peersCalled('p1', 'p2', 'p3');
 */
export const peersCalled = (...names: readonly string[]): readonly SomePeer[] => names as readonly SomePeer[];

/**
 * Something for each name, by name.
 *
 * @param of - what belongs to a name, and where that stands in the list
 * @example
 * const numbered = byName(['p1', 'p2'], (_, index) => index); // { p1: 0, p2: 1 }
 */
export const byName = <T>(names: readonly string[], of: (name: string, index: number) => T): Named<T> => Object.fromEntries(names.map((name, index) => [name, of(name, index)]));
