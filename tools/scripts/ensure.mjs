import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandOf, node, npm } from './launch.mjs';
import { root } from './workspace.mjs';

/**
 * Entries of a lock file.
 *
 * @param {string} path
 * @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean, link?: boolean }>}
 */
const lockedIn = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;

/**
 * Why `npm ci` is needed, or `undefined` if everything locked is installed. npm keeps a record of what it installed; it is compared
 * by content, since clocks say little after a checkout. Packages of other platforms may be absent.
 *
 * @returns {string | undefined}
 */
function missing() {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return 'nothing is installed yet';
  const installed = lockedIn(record);
  const stale = Object.entries(lockedIn(join(root, 'package-lock.json'))).find(
    ([path, { version, optional, devOptional }]) =>
      path.includes('node_modules/') && installed[path]?.version !== version && !((optional || devOptional) && !installed[path]),
  );
  return stale && `${stale[0].replace(/^.*node_modules\//, '')} changed since the last installation`;
}

/** Installs what is missing. Says so in one line, on standard error. */
export async function ensureInstalled() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (!(major >= 24 || (major === 22 && minor >= 13) || (major === 20 && minor >= 19))) {
    console.error(`codistill needs Node 20.19, 22.13 or 24 and newer; this is ${process.version}.`);
    process.exit(1);
  }
  const reason = missing();
  if (reason === undefined) return;
  console.error(`Installing npm packages (${reason}); this takes about a minute.`);
  const { code, output } = await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { output: 'capture' });
  if (code === 0) return;
  console.error(output.trimEnd());
  console.error('npm ci failed: see the lines above.');
  process.exit(1);
}

/**
 * Compiles projects and what they refer to; a project that is up to date costs nothing.
 *
 * @param {readonly string[]} folders - empty for the whole workspace
 * @returns {Promise<boolean>} whether they compile
 */
export async function built(folders) {
  const { code } = await node([commandOf('ts7', 'tsc'), '-b', ...folders], { output: 'stderr' });
  return code === 0;
}
