// The generated parts of docs/<recipe>.md: the picture of its graph, its code, and what was measured of it. `CODISTILL_WRITE_DOCS=1 npm test -- packages/recipes/src/pages`
// writes them; the rest of a page is written by hand.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Graph, type Run, toMermaid } from '@codistill/core';
import { createPipeline } from '@codistill/pipeline';
import { blobs } from '@codistill/testkit';
import { everyRecipe } from '../fixtures/every-recipe.ts';
import { shown } from '../fixtures/shown.ts';

const write = process.env['CODISTILL_WRITE_DOCS'] === '1';
const folder = join(import.meta.dirname, '..');
const results = readFileSync(join(folder, '../../bench/results/recipes.md'), 'utf8');
const data = blobs({ input: [32, 32, 3], examples: 6 });
const begin = createPipeline((graph: Graph) => Promise.resolve({ spec: graph.spec } as Run));

const fileOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** A recipe as it is written: its last function, without the signature that callers see. */
const codeOf = (name: string): string => {
  const source = readFileSync(join(folder, 'src', `${fileOf(name)}.ts`), 'utf8');
  return source.slice(source.lastIndexOf(`export function ${name}(`)).trimEnd();
};

/** What bench/results/recipes.md has of a recipe: of each data set how it was trained, its rows, and where it does not pay. */
const measuredOf = (name: string): string =>
  results
    .split('\n## ')
    .slice(1)
    .map((section) => {
      const lines = section.split('\n');
      const rows = lines.filter((line) => line.startsWith(`| ${name} |`));
      if (rows.length === 0) throw new Error(`bench/results/recipes.md has no ${name}: npm run bench -- recipes --recipes ${name}`);
      const [head, rule] = lines.slice(lines.findIndex((line) => line.startsWith('| recipe |')));
      const misses = lines.filter((line) => line.startsWith(`- \`${name}\``));
      return [`\`${lines[0] ?? ''}\`: ${lines.find((line) => /^\d+ epochs/.test(line)) ?? ''}`, '', head, rule, ...rows, ...(misses.length === 0 ? [] : ['', ...misses])].join('\n');
    })
    .join('\n\n');

const fenced = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``;

const withPart = (page: string, part: string, text: string): string => {
  const [open, close] = [`<!-- ${part} -->`, `<!-- /${part} -->`];
  const [from, to] = [page.indexOf(open), page.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`put ${open} and ${close} where the ${part} belongs`);
  return `${page.slice(0, from)}${open}\n${text}\n${page.slice(to)}`;
};

it('there is a page for every recipe, and no other', () => {
  expect(readdirSync(join(folder, 'docs')).sort()).toEqual(everyRecipe.map(({ name }) => `${fileOf(name)}.md`).sort());
});

it.each(everyRecipe.map(({ name }) => name))('the page of %s shows its graph, its code and all that a page has', (name) => {
  const path = join(folder, 'docs', `${fileOf(name)}.md`);
  expect(existsSync(path)).toBe(true);
  const page = readFileSync(path, 'utf8');
  const spec = shown[name]?.(begin(data)).spec();
  if (spec === undefined) throw new Error(`fixtures/shown.ts has no ${name}`);
  // `mts` is TypeScript to whoever paints it, and not compiled on its own, as examples are.
  const parts = { graph: fenced('mermaid', toMermaid(spec)), code: fenced('mts', codeOf(name)), measured: measuredOf(name) };
  const current = Object.entries(parts).reduce((soFar, [part, text]) => withPart(soFar, part, text), page);
  if (write) writeFileSync(path, current);
  else expect(page).toBe(current);
  for (const heading of ['## Equation', '## Use', '## Knobs', '## Code', '## Beside the paper', '## Measured']) expect(page).toContain(`\n${heading}\n`);
});
