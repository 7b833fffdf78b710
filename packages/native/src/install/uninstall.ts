import { existsSync, rmSync } from 'node:fs';
import { unlinkAddon } from './link-addon.ts';
import { cacheFolder } from './cache-folder.ts';
import { isPlaced } from './place-tfjs-node.ts';
import { findTfjsNode } from './tfjs-node.ts';

/**
 * Takes away what `install` brought: the links, tfjs-node where it came from here, and the cache. Other projects that are linked to
 * the cache have to install again.
 *
 * @param options - `project`: whose `node_modules`, default the working directory; `cache`: default {@link cacheFolder}; `keepCache`:
 *   default false
 * @returns the paths that are gone
 * @example
 * const gone = uninstall({ keepCache: true });
 */
export const uninstall = ({
  project = '.',
  cache = cacheFolder(),
  keepCache = false,
}: { readonly project?: string; readonly cache?: string; readonly keepCache?: boolean } = {}): readonly string[] => {
  const gone: string[] = [];
  for (const name of ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'] as const) {
    const found = findTfjsNode(name, project);
    if (found === undefined) continue;
    for (const addon of [found.binding, found.session]) unlinkAddon(addon);
    if (isPlaced(found.folder)) rmSync(found.folder, { recursive: true, force: true });
    gone.push(found.folder);
  }
  if (!keepCache && existsSync(cache)) {
    rmSync(cache, { recursive: true, force: true });
    gone.push(cache);
  }
  return gone;
};
