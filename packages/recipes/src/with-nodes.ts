import type { Copy, Derived, Named, Signal } from '@codistill/core';
import type { Node, Pipeline, Start, WithNodes } from '@codistill/pipeline';

/**
 * A chain whose students have names that only its caller knows, inside a recipe that has as many nodes as its caller wants. To a verb it is
 * said as `.students<Named<Model>>(…)`.
 *
 * @example
 * declare const chain: Begun;
 * declare const net: Model;
 * const open: Open = chain.students<Named<Model>>({ net });
 */
export type Open = Pipeline<WithNodes<Start<'class', number>, Node<string, Signal, 'student', false>>>;

/** Such a chain with nodes made of others: another of them leaves it what it is, so that they can come in a loop. */
type Grown = Pipeline<WithNodes<WithNodes<Start<'class', number>, Node<string, Signal, 'student', false>>, Node<string, Signal, 'derived'>>>;

/**
 * Adds nodes made of others to a chain, in the order of the record: what `.node` does for one whose name is written down. That members
 * exist, and emit what is read of them, the chain looks at when it runs; the compiler cannot.
 *
 * @param nodes - at least one, by name
 * @example
 * declare const chain: Open;
 * declare const mean: (of: readonly string[]) => Derived;
 * const more = chain.use(withNodes({ mean: mean(['a', 'b']) }));
 */
export const withNodes =
  (nodes: Named<Derived | Copy>) =>
  (chain: Open): Grown => {
    const [first, ...others] = Object.entries(nodes);
    if (first === undefined) throw new Error('internal: there is no node to add');
    return others.reduce((all, [name, node]) => all.node<string, Derived | Copy>(name, node), chain.node<string, Derived | Copy>(...first));
  };
