// All recipes on real images, each beside its own arm without knowledge transfer: see `npm run bench -- recipes --help`.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { node } from '../scripts/launch.mjs';
import { root } from '../scripts/workspace.mjs';

/**
 * What training is compared at; results of another budget are another experiment.
 *
 * @typedef {object} Budget
 * @property {number} epochs
 * @property {number} size
 * @property {number} batch
 * @property {number} limit - 0 for all images
 */

/**
 * A recipe's arms from one seed, on one data set.
 *
 * @typedef {object} Result
 * @property {string} data - name of the folder
 * @property {string} recipe
 * @property {number} seed
 * @property {Budget} budget
 * @property {string} command - as typed
 * @property {string} measured
 * @property {string} baseline
 * @property {number} seconds
 * @property {readonly { arm: string, backend: string, seconds: number, examples: number, scores: Record<string, Record<string, number>> }[]} runs
 */

/** @typedef {Pick<Result, 'data' | 'recipe' | 'seed' | 'budget'>} Case */

const folder = join(root, 'bench', 'results');
const path = join(folder, 'recipes.json');

/** @param {Case} each */
const nameOf = ({ data, recipe, seed, budget }) => [data, recipe, seed, ...Object.values(budget)].join(' ');

/** @returns {{ results: readonly Result[] }} */
const kept = () => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : { results: [] });

/** In one piece, so that whoever is killed meanwhile loses one run at most. */
const keep = (/** @type {ReturnType<typeof kept>} */ all) => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${path}.unfinished`, `${JSON.stringify(all, null, 2)}\n`);
  renameSync(`${path}.unfinished`, path);
  writeFileSync(join(folder, 'recipes.md'), reportOf(all));
};

/**
 * @template T
 * @param {readonly T[]} values
 * @param {(value: T) => string} keyOf
 * @returns {readonly (readonly T[])[]} in the order in which groups first came
 */
const grouped = (values, keyOf) => [...new Set(values.map(keyOf))].map((key) => values.filter((value) => keyOf(value) === key));

const mean = (/** @type {readonly number[]} */ values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Mean ± standard deviation, of one value without. */
const spread = (/** @type {readonly number[]} */ values, digits = 4, sign = '') => {
  const centre = mean(values);
  const text = `${centre >= 0 ? sign : ''}${centre.toFixed(digits)}`;
  if (values.length < 2) return text;
  return `${text} ± ${Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1)).toFixed(digits)}`;
};

/** '1 to 10', or one after the other where some are missing. */
const seedsOf = (/** @type {readonly Result[]} */ results) => {
  const seeds = results.map(({ seed }) => seed);
  const [first, last] = [Math.min(...seeds), Math.max(...seeds)];
  return seeds.length > 2 && seeds.length === last - first + 1 ? `${first} to ${last}` : seeds.join(', ');
};

/**
 * One row for each arm of a recipe on a data set: the seeds together, compared seed by seed with the baseline.
 *
 * @param {readonly Result[]} results - of one recipe, data set and budget
 */
const rowsOf = (results) => {
  const [first] = results;
  if (first === undefined) return [];
  const { measured, baseline, recipe } = first;
  const numbers = (/** @type {string} */ arm, /** @type {string} */ measure) => results.map(({ runs }) => runs.find((run) => run.arm === arm)?.scores[measured]?.[measure] ?? Number.NaN);
  return first.runs.map(({ arm }) => {
    const [accuracy, base] = [numbers(arm, 'accuracy'), numbers(baseline, 'accuracy')];
    const difference = arm === baseline ? '' : spread(accuracy.map((value, seed) => value - (base[seed] ?? Number.NaN)), 4, '+');
    return [recipe, measured, arm, spread(accuracy), difference, spread(numbers(arm, 'nll'), 3), spread(numbers(arm, 'ece'), 3), seedsOf(results)];
  });
};

/**
 * Where an arm does not beat its baseline, in sentences.
 *
 * @param {readonly Result[]} results - of one recipe, data set and budget
 */
const misses = (results) => {
  const [first] = results;
  const rows = rowsOf(results);
  return rows
    .filter(([, , arm, , difference]) => arm !== first?.baseline && Number.parseFloat(difference ?? '') <= 0)
    .map(([recipe, measured, arm, , difference]) => `\`${recipe}\`, arm \`${arm}\`, does not beat its own arm without knowledge transfer here: accuracy of ${measured} ${difference}.`);
};

const table = (/** @type {readonly string[]} */ head, /** @type {readonly (readonly string[])[]} */ rows) => [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);

/** @param {ReturnType<typeof kept>} all */
const reportOf = ({ results }) => {
  return [
    '# Recipes',
    '',
    'Written by `npm run bench -- recipes` from the JSON file beside it. Every recipe beside its own arm without knowledge transfer: the same networks, stages, images, seeds and epochs, and no loss between nodes. Test split, after the last epoch, mean ± standard deviation over seeds; differences are taken seed by seed. Networks, rates and weights are those of examples/04-recipes, chosen for small images and short runs: they are nobody\'s published numbers, and compare no recipe with another.',
    '',
    ...grouped(results, ({ data, budget }) => JSON.stringify([data, budget])).flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const { epochs, size, batch, limit } = first.budget;
      const byRecipe = grouped(group, ({ recipe }) => recipe).map((each) => each.toSorted((a, b) => a.seed - b.seed));
      return [
        `## ${first.data}`,
        '',
        ...[...new Set(group.map(({ command }) => command))].map((command) => `    ${command}`),
        '',
        `${epochs} epochs (of each network, where they learn one after the other), ${limit === 0 ? 'all' : limit} training images of ${size} × ${size}, batches of ${batch}; ${(group.reduce((sum, { seconds }) => sum + seconds, 0) / 60).toFixed(0)} minutes in all; ${first.runs[0]?.backend ?? ''}.`,
        '',
        ...table(['recipe', 'measured', 'arm', 'accuracy', 'difference', 'NLL', 'ECE', 'seeds'], byRecipe.flatMap(rowsOf)),
        '',
        ...byRecipe.flatMap(misses).flatMap((sentence) => [`- ${sentence}`]),
        '',
      ];
    }),
  ].join('\n');
};

/**
 * Runs what is not in the results yet, seed by seed, until the hours are over.
 *
 * @param {object} options
 * @param {readonly string[]} options.data - folders of images
 * @param {readonly string[]} options.recipes - default all
 * @param {number} options.seeds
 * @param {number} options.hours
 * @param {Budget} options.budget
 * @param {string} options.command - as typed
 * @param {(line: string) => void} options.say
 */
export const benchRecipes = async ({ data, recipes, seeds, hours, budget, command, say }) => {
  const started = performance.now();
  const main = join(root, 'examples', '04-recipes', 'dist', 'main.js');
  const { systems } = await import(join(root, 'examples', '04-recipes', 'dist', 'systems.js'));
  const there = Object.keys(systems);
  const unknown = recipes.find((name) => !there.includes(name));
  if (unknown !== undefined) throw new Error(`there is no recipe '${unknown}': there are ${there.join(', ')}`);
  const chosen = recipes.length === 0 ? there : recipes;
  const wanted = Array.from({ length: seeds }, (_, index) => index + 1).flatMap((seed) => data.flatMap((from) => chosen.map((recipe) => ({ from: resolve(root, from), data: basename(from), recipe, seed, budget }))));
  const done = new Set(kept().results.map(nameOf));
  const missing = wanted.filter((each) => !done.has(nameOf(each)));
  say(`${wanted.length - missing.length} of ${wanted.length} are there already`);
  // Whatever comes, the report is of today's form.
  keep(kept());
  for (const { from, ...each } of missing) {
    const spent = (performance.now() - started) / 1000;
    // As long as the longest of its like took; the first of its like is let in.
    const expected = Math.max(0, ...kept().results.filter((old) => nameOf({ ...old, seed: 0 }) === nameOf({ ...each, seed: 0 })).map(({ seconds }) => seconds));
    if (spent + expected > hours * 3600) {
      say(`${hours} hours are over: say the same again to go on`);
      return;
    }
    say(`${nameOf(each)} (${(spent / 60).toFixed(0)} minutes so far)`);
    const out = mkdtempSync(join(tmpdir(), 'codistill-bench-recipes-'));
    try {
      const { epochs, size, batch, limit } = budget;
      const args = ['--recipe', each.recipe, '--data', from, '--seed', each.seed, '--epochs', epochs, '--size', size, '--batch', batch, '--out', out, ...(limit === 0 ? [] : ['--limit', limit])];
      const before = performance.now();
      const { code } = await node([main, ...args.map(String)], { output: 'stderr' });
      if (code !== 0) throw new Error(`${nameOf(each)} ended with ${code}`);
      const { measured, baseline, runs } = JSON.parse(readFileSync(join(out, `${each.recipe}.json`), 'utf8'));
      const { results } = kept();
      keep({ results: [...results, { ...each, command, measured, baseline, seconds: Math.round((performance.now() - before) / 100) / 10, runs: runs.map((/** @type {Result['runs'][number] & { seed: number }} */ { seed: _, ...run }) => run) }] });
    } finally {
      rmSync(out, { recursive: true, force: true });
    }
  }
  say(`all ${wanted.length} are there`);
};
