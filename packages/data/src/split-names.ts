import type { Split } from './image-set.ts';

const SPLITS: ReadonlyMap<string, Split> = new Map<string, Split>([
  ['train', 'train'],
  ['val', 'validation'],
  ['valid', 'validation'],
  ['validation', 'validation'],
  ['test', 'test'],
]);

/**
 * The split that a folder or a cell of a table names; `undefined` where it names none.
 *
 * @example
 * splitNamed('val'); // 'validation'
 */
export const splitNamed = (name: string): Split | undefined => SPLITS.get(name);
