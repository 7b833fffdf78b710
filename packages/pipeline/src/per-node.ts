import { CodistillError, say } from '@codistill/core';
import { type Draft, findNode, trained } from './draft.ts';
import { asOptimizer, asView, isOptimizer } from './noun.ts';
import { fieldsOf } from './options.ts';

const refuseNode = (draft: Draft, name: string, what: 'view' | 'look' | 'optimizer', candidates: readonly string[]): void => {
  if (candidates.includes(name)) return;
  const node = findNode(draft, name);
  if (node === undefined) throw new CodistillError('NODE_UNKNOWN', say.compose.nodeUnknown(name, candidates));
  throw new CodistillError('TAKES_NO', say.compose.takesNo(name, node.role === 'derived' ? 'derived' : 'frozen', what));
};

/**
 * Gives nodes their own view of each batch, or several, stacked along the batch axis; a node named again gets the later ones.
 *
 * @throws CodistillError NODE_UNKNOWN, TAKES_NO, LIST_EMPTY
 * @example
 * declare const draft: Draft;
 * declare const view: unknown;
 * setViews(draft, { small: view });
 */
export const setViews = (draft: Draft, value: unknown): Draft => {
  const owners = draft.nodes.filter(({ role, frozen }) => role !== 'derived' || frozen).map(({ name }) => name);
  const given = Object.entries(fieldsOf('.views', 'views by node name', value)).map(([name, some]) => {
    refuseNode(draft, name, 'view', owners);
    const views = (Array.isArray(some) ? some : [some]).map((view) => asView('.views', view));
    if (views.length === 0) throw new CodistillError('LIST_EMPTY', say.compose.listEmpty('.views', name));
    for (const view of views) if ('by' in view) refuseNode(draft, view.by, 'look', owners);
    return [name, views] as const;
  });
  return { ...draft, views: { ...draft.views, ...Object.fromEntries(given) } };
};

/**
 * Gives one optimizer to all nodes that learn, or each its own; a node named again gets the later one.
 *
 * @throws CodistillError OPTIMIZERS_MISSING, NODE_UNKNOWN, TAKES_NO
 * @example
 * declare const draft: Draft;
 * declare const optimizer: unknown;
 * setOptimizers(draft, { default: optimizer, small: optimizer });
 */
export const setOptimizers = (draft: Draft, value: unknown): Draft => {
  // A function is a factory that was not called, which `asOptimizer` says best.
  const fields = isOptimizer(value) || typeof value === 'function' ? { default: value } : fieldsOf('.optimize', 'an optimizer, or optimizers by node name', value);
  if (Object.keys(fields).length === 0) throw new CodistillError('OPTIMIZERS_MISSING', say.compose.optimizersMissing());
  const given = Object.entries(fields).map(([name, optimizer]) => {
    if (name !== 'default') refuseNode(draft, name, 'optimizer', trained(draft));
    return [name, asOptimizer('.optimize', optimizer)] as const;
  });
  return { ...draft, optimizers: { ...draft.optimizers, ...Object.fromEntries(given) } };
};
