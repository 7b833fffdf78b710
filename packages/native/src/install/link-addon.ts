import { existsSync, lstatSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';

const kindOf = (at: string): 'nothing' | 'link' | 'file' => {
  const found = lstatSync(at, { throwIfNoEntry: false });
  if (found === undefined) return 'nothing';
  return found.isSymbolicLink() ? 'link' : 'file';
};

const asideOf = (at: string): string => `${at}.before-codistill`;

/**
 * Lets an addon in `node_modules` be the one in the cache. Node resolves the link before it loads the addon, so that the libraries
 * are found beside its real place. An addon that was there is put aside.
 *
 * @param target - in the cache
 * @param at - where it is looked for
 * @returns whether anything changed
 * @example
 * linkAddon('/tmp/cache/graph_session.node', '/tmp/project/graph_session.node');
 */
export const linkAddon = (target: string, at: string): boolean => {
  const kind = kindOf(at);
  if (kind === 'link' && readlinkSync(at) === target) return false;
  mkdirSync(dirname(at), { recursive: true });
  if (kind === 'file') renameSync(at, asideOf(at));
  const fresh = `${at}.${process.pid}`;
  symlinkSync(target, fresh);
  renameSync(fresh, at);
  return true;
};

/**
 * Takes a link away again, and puts back what was there before it.
 *
 * @param at - where it is looked for
 * @example
 * unlinkAddon('/tmp/project/graph_session.node');
 */
export const unlinkAddon = (at: string): void => {
  if (kindOf(at) === 'link') rmSync(at);
  if (existsSync(asideOf(at)) && !existsSync(at)) renameSync(asideOf(at), at);
};
