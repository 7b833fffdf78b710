// npm run docs: writes the generated documentation (the table of packages in README.md, docs/api.md) and checks the rest: every export
// has a docstring with an @example, and every example type-checks. With --check nothing is written, and what is stale is a failure.
// With folders of packages only these are checked, and no page about all of them is.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { projects, root } from '../scripts/workspace.mjs';
import { apiIndex } from './api-index.mjs';
import { asModule, examplesIn, importsOf } from './examples.mjs';
import { exportsOf, libraries, namesOf } from './exports.mjs';
import { faultsOf } from './faults.mjs';
import { withPackageTable } from './package-table.mjs';
import { programOf } from './program.mjs';

const checkOnly = process.argv.includes('--check');
const folders = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const everything = folders.length === 0;
const checked = projects(['packages', 'examples']).filter(({ folder }) => everything || folders.includes(folder));
/** @type {string[]} */
const problems = [];

/** @param {string} folder - its TypeScript sources but for tests, relative to the root */
const sourcesIn = (folder) =>
  existsSync(join(root, folder, 'src'))
    ? readdirSync(join(root, folder, 'src'), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
        .map((file) => `${folder}/src/${file.split(sep).join('/')}`)
    : [];

// What is exported, and what is in scope of a package's examples.
const owners = libraries();
const surface = programOf(projects(['packages', 'examples']).flatMap(({ folder }) => sourcesIn(folder)).map((file) => join(root, file)));
const exported = new Map(owners.map((library) => [library, exportsOf(surface, library)]));
const documented = [...exported.values()].flat().filter(({ file }) => checked.some(({ folder }) => file.startsWith(`${folder}/`)));
for (const { name, file, line, summary, hasExample } of documented) {
  if (summary === '') problems.push(`${file}:${line}: ${name} has no docstring`);
  else if (!hasExample) problems.push(`${file}:${line}: ${name} has no @example`);
}

// One virtual module per example, beside the file that shows it.
/** @type {Map<string, import('./examples.mjs').Example>} */
const shown = new Map();
/** @type {Map<string, string>} */
const modules = new Map();
/**
 * @param {string} file - relative to the root
 * @param {ReadonlyMap<string, readonly string[]>} scope
 */
const show = (file, scope) =>
  examplesIn(file).forEach((example, index) => {
    const path = join(root, dirname(file), `example-${index}-of-${file.replace(/^.*\//, '')}.ts`);
    shown.set(path, example);
    modules.set(path, asModule(example.code, scope));
  });

// In scope of a docstring: its own module and what that imports from its package, its package, and the vocabulary. A page of Markdown stands alone.
const core = namesOf(surface, join(root, 'packages/core/src/index.ts'));
for (const { folder } of checked) {
  const index = `${folder}/src/index.ts`;
  for (const file of sourcesIn(folder)) {
    const scope = [file, index].map((module) => {
      const path = relative(dirname(file), module).split(sep).join('/');
      return /** @type {const} */ ([path.startsWith('.') ? path : `./${path}`, namesOf(surface, join(root, module))]);
    });
    const inner = importsOf(readFileSync(join(root, file), 'utf8'));
    show(file, new Map([...inner, ...scope, ['@codistill/core', core]]));
  }
}
const pages = [...(everything ? ['.', 'docs', 'decisions'] : []), ...[...checked, ...(everything ? projects(['tools']) : [])].flatMap(({ folder }) => [folder, `${folder}/docs`])]
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) => readdirSync(join(root, folder)).filter((file) => file.endsWith('.md')).map((file) => (folder === '.' ? file : `${folder}/${file}`)));
for (const page of pages) show(page, new Map());

problems.push(...faultsOf(shown, modules));

/**
 * @param {string} file - relative to the root
 * @param {string} text - what it should hold
 */
function generated(file, text) {
  const path = join(root, file);
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  if (checkOnly) problems.push(`${file} is not up to date: run npm run docs`);
  else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    console.log(`wrote ${file}`);
  }
}
if (everything) {
  generated('docs/api.md', apiIndex(exported));
  if (existsSync(join(root, 'README.md'))) generated('README.md', withPackageTable(readFileSync(join(root, 'README.md'), 'utf8')));
  else problems.push('README.md is missing');
}
for (const { folder } of checked) {
  const readme = `${folder}/README.md`;
  if (!existsSync(join(root, readme))) problems.push(`${readme} is missing`);
  else if (folder.startsWith('packages/') && !/separate so that/i.test(readFileSync(join(root, readme), 'utf8'))) {
    problems.push(`${readme}: begin with why it is a package: "Separate so that ... need not depend on ..."`);
  }
}

if (problems.length === 0) console.log(`${shown.size} examples compile; ${documented.length} exports are documented`);
else {
  console.error(`${problems.join('\n')}\n${problems.length} problem(s) in the documentation`);
  process.exitCode = 1;
}
