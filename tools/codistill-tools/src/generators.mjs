import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { generateFiles, joinPathFragments, names, updateJson } from '@nx/devkit';

/**
 * @typedef {import('@nx/devkit').Tree} Tree
 * @typedef {{ name: string }} Options - in kebab case
 * @typedef {object} Kind
 * @property {string} noun - how sentences call it
 * @property {readonly string[]} dependencies - packages of ours its source imports
 */

/** @param {string} folder - below files/ */
const templates = (folder) => fileURLToPath(new URL(`./files/${folder}`, import.meta.url));

/**
 * A generator of packages of one kind: the files all packages share, and the three an author edits.
 *
 * @param {string} kind - names the folder of templates and begins the package's name
 * @param {Kind} about
 */
const partGenerator = (kind, { noun, dependencies }) =>
  /**
   * @param {Tree} tree
   * @param {Options} options
   */
  (tree, { name }) => {
    const folder = joinPathFragments('packages', `${kind}-${name}`);
    if (tree.exists(folder)) throw new Error(`${folder} is already there: choose another name.`);
    const { propertyName, className } = names(name);
    const substitutions = { name, kind, noun, dependencies, fn: propertyName, type: className, tmpl: '' };
    generateFiles(tree, templates('package'), folder, substitutions);
    generateFiles(tree, templates(kind), folder, substitutions);
    updateJson(tree, 'tsconfig.json', (config) => ({ ...config, references: [...config.references, { path: `./${folder}` }] }));

    return () => {
      const run = (/** @type {string[]} */ ...args) => spawnSync('npm', args, { cwd: tree.root, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' });
      const { status } = run('install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund');
      if (status !== 0) throw new Error(`${folder} is written but not linked: run npm install --ignore-scripts.`);
      // Brings the table of packages up to date; what else it may have to say is for `npm run check`.
      spawnSync(process.execPath, ['tools/docs/docs.mjs'], { cwd: tree.root, stdio: 'ignore' });
      console.log(`\nNow write ${folder}/src/index.ts, and run: npm test -- ${kind}-${name}`);
    };
  };

/** `nx g codistill-tools:loss <name>` */
export const loss = partGenerator('loss', { noun: 'loss term', dependencies: ['core'] });

/** `nx g codistill-tools:model <name>` */
export const model = partGenerator('model', { noun: 'model', dependencies: ['core', 'models'] });

/** `nx g codistill-tools:scheduler <name>` */
export const scheduler = partGenerator('scheduler', { noun: 'schedule', dependencies: ['core'] });

/** `nx g codistill-tools:loader <name>` */
export const loader = partGenerator('loader', { noun: 'data set', dependencies: ['core'] });

/** `nx g codistill-tools:ensembler <name>` */
export const ensembler = partGenerator('ensembler', { noun: 'ensembler', dependencies: ['core'] });
