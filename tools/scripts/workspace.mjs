import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the repository, with the platform's separators. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * A package of the workspace.
 *
 * @typedef {object} Project
 * @property {string} folder - relative to the root, with forward slashes: `packages/core`
 * @property {string} name - npm name
 * @property {string} description
 * @property {boolean} publishable
 * @property {boolean} tested - has a jest configuration
 */

/**
 * The packages of one or more folders, sorted by folder.
 *
 * @param {readonly string[]} groups - among `packages`, `examples`, `tools`
 * @param {string} [base] - another workspace's root
 * @returns {Project[]}
 */
export function projects(groups, base = root) {
  const folders = groups.flatMap((group) =>
    existsSync(join(base, group)) ? readdirSync(join(base, group)).map((name) => `${group}/${name}`) : [],
  );
  return folders
    .filter((folder) => existsSync(join(base, folder, 'package.json')))
    .sort()
    .map((folder) => {
      const manifest = JSON.parse(readFileSync(join(base, folder, 'package.json'), 'utf8'));
      return {
        folder,
        name: manifest.name,
        description: manifest.description ?? '',
        publishable: manifest.private !== true,
        tested: 'jest' in manifest || existsSync(join(base, folder, 'jest.config.mjs')),
      };
    });
}
