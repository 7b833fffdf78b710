import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Where libraries and addons are kept: outside `node_modules`, so that `npm ci` costs no download.
 *
 * @param environment - `CODISTILL_CACHE` names codistill's cache; else `XDG_CACHE_HOME` or `~/.cache` holds it
 * @example
 * cacheFolder({ CODISTILL_CACHE: '/data/cache' }); // '/data/cache/native'
 */
export const cacheFolder = (environment: NodeJS.ProcessEnv = process.env): string => {
  const set = (name: string): string | undefined => (environment[name] === '' ? undefined : environment[name]);
  return join(resolve(set('CODISTILL_CACHE') ?? join(set('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'codistill')), 'native');
};
