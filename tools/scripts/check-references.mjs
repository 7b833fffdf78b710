// Fails when the project references of tsconfig files and the dependencies of package.json files disagree. It
// finds projects that nobody builds, or that are built too late, and references to what is no longer depended upon. (`nx sync` would do
// both, but gives what only tests need to the library as well.)
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { projects, root } from './workspace.mjs';

/** @param {string} path - relative to the root */
const json = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));

/**
 * Folders of projects that a tsconfig refers to, but for parts of its own.
 *
 * @param {string} folder
 * @param {string} file
 * @returns {string[]}
 */
const referencesOf = (folder, file) =>
  (json(`${folder}/${file}`).references ?? [])
    .map((/** @type {{ path: string }} */ { path }) => posix.join(folder, path).replace(/\/tsconfig[^/]*\.json$/, ''))
    .filter((/** @type {string} */ target) => target !== folder);

const compiled = projects(['packages', 'examples']).filter(({ folder }) => existsSync(join(root, folder, 'tsconfig.json')));
const nameOf = new Map(compiled.map(({ folder, name }) => [folder, name]));
/** @type {string[]} */
const problems = [];

const listed = referencesOf('.', 'tsconfig.json');
for (const { folder } of compiled) if (!listed.includes(folder)) problems.push(`tsconfig.json: add { "path": "./${folder}" }, or nobody compiles it`);
for (const folder of listed) if (!nameOf.has(folder)) problems.push(`tsconfig.json: ${folder} is not there`);

for (const { folder } of compiled) {
  const { dependencies = {}, peerDependencies = {}, devDependencies = {} } = json(`${folder}/package.json`);
  const forUse = { ...dependencies, ...peerDependencies };
  const forTests = { ...forUse, ...devDependencies };
  for (const [file, allowed] of /** @type {const} */ ([['tsconfig.json', forTests], ['tsconfig.lib.json', forUse], ['tsconfig.test.json', forTests]])) {
    if (!existsSync(join(root, folder, file))) continue;
    for (const target of referencesOf(folder, file)) {
      const name = nameOf.get(target);
      if (name === undefined) problems.push(`${folder}/${file}: ${target} is not there`);
      else if (!(name in allowed)) problems.push(`${folder}/${file}: refers to ${name}, on which ${folder}/package.json does not depend`);
    }
  }
  // What is imported must be there before, also where only this project is built.
  const library = existsSync(join(root, folder, 'tsconfig.lib.json')) ? 'tsconfig.lib.json' : 'tsconfig.json';
  const referred = referencesOf(folder, library).map((target) => nameOf.get(target));
  for (const [target, name] of nameOf) if (name in dependencies && !referred.includes(name)) problems.push(`${folder}/${library}: add a reference to ${target}, on which its package.json depends`);
}

if (problems.length === 0) console.log('project references agree with dependencies');
else {
  console.error(problems.join('\n'));
  process.exitCode = 1;
}
