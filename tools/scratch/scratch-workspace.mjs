import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { projects, root } from '../scripts/workspace.mjs';

/**
 * A copy of the workspace with only some of its packages, outside the repository. Third-party packages are linked, workspace
 * packages are the copies, so what is not copied cannot be imported.
 *
 * @typedef {object} Scratch
 * @property {string} folder - absolute
 * @property {(file: string, text: string) => void} write - `file` is relative to the folder
 * @property {() => void} link - makes the packages that are there now importable by name
 * @property {() => void} remove
 */

const built = new Set(['node_modules', 'dist', 'out-tsc', 'coverage', '.nx']);

/**
 * @param {readonly string[]} folders - packages to copy: `packages/core`
 * @returns {Scratch}
 */
export function scratchWorkspace(folders) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'codistill-scratch-')));
  for (const file of ['package.json', 'nx.json', 'tsconfig.base.json', 'jest.preset.mjs']) cpSync(join(root, file), join(folder, file));
  for (const each of folders) {
    cpSync(join(root, each), join(folder, each), { recursive: true, filter: (path) => !built.has(basename(path)) });
  }

  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@codistill'), { recursive: true });
  const ours = new Set(projects(['packages', 'examples', 'tools']).map(({ name }) => name));
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (!name.startsWith('.') && name !== '@codistill' && !ours.has(name)) symlinkSync(join(root, 'node_modules', name), join(modules, name), 'junction');
  }

  const link = () => {
    for (const project of projects(['packages', 'examples'], folder)) {
      const at = join(modules, project.name);
      rmSync(at, { recursive: true, force: true });
      symlinkSync(join(folder, project.folder), at, 'junction');
      // What npm could not put at the top lies beside the package.
      const nested = join(root, project.folder, 'node_modules');
      const beside = join(folder, project.folder, 'node_modules');
      if (existsSync(nested) && !existsSync(beside)) symlinkSync(nested, beside, 'junction');
    }
  };
  link();

  return {
    folder,
    write: (file, text) => {
      mkdirSync(join(folder, file, '..'), { recursive: true });
      writeFileSync(join(folder, file), text);
    },
    link,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
