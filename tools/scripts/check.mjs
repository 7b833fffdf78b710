// npm run check [-- names of steps]: everything that must hold besides the tests.
import { join } from 'node:path';
import { ensureInstalled } from './ensure.mjs';
import { commandOf, node } from './launch.mjs';
import { root } from './workspace.mjs';

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {() => Promise<import('./launch.mjs').Ended>} run
 */

/**
 * @param {string} name
 * @param {...readonly string[]} commands - each a Node script and its arguments; the first that fails ends the step
 * @returns {Step}
 */
const step = (name, ...commands) => ({
  name,
  run: async () => {
    let output = '';
    for (const command of commands) {
      const ended = await node(command, { output: 'capture', env: { ...process.env, NODE_OPTIONS: '--no-warnings' } });
      output += ended.output;
      if (ended.code !== 0) return { code: ended.code, output };
    }
    return { code: 0, output };
  },
});

/** @param {string} name */
const script = (name) => join(root, 'tools', name);

/**
 * Runs a step and says how it went; what it printed is shown only if it failed.
 *
 * @param {Step} step
 * @returns {Promise<boolean>}
 */
async function report({ name, run }) {
  const start = performance.now();
  const { code, output } = await run();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'}  ${name.padEnd(14)}${seconds.padStart(7)} s`);
  if (code !== 0) console.log(`${output.trimEnd().replace(/^/gm, '      ')}\n`);
  return code === 0;
}

await ensureInstalled();
const tsc = commandOf('ts7', 'tsc');

// The package checks read what the first step compiles.
const first = step('types', [tsc, '-b'], [tsc, '-p', 'tools/tsconfig.json']);
const steps = [
  step('lint', [script('scripts/lint.mjs')]),
  step('docs', [script('docs/docs.mjs'), '--check']),
  step('knip', [commandOf('knip')]),
  step('references', [script('scripts/check-references.mjs')]),
  step('lock file', [script('scripts/check-lockfile.mjs')]),
  step('toolchain', [script('scripts/check-toolchain.mjs')]),
  step('packages', [script('scripts/check-packages.mjs')]),
];

const wanted = process.argv.slice(2);
const chosen = [first, ...steps].filter(({ name }) => wanted.length === 0 || wanted.includes(name));
if (chosen.length === 0) {
  console.error(`There is no check '${wanted.join(' ')}': ${[first, ...steps].map(({ name }) => name).join(', ')}.`);
  process.exit(1);
}
const failed = [];
const queue = [...chosen];
if (queue[0] === first && !(await report(/** @type {Step} */ (queue.shift())))) failed.push(first.name);
// Two at a time: each keeps about one core busy.
const worker = async () => {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) if (!(await report(next))) failed.push(next.name);
};
await Promise.all([worker(), worker()]);

console.log(failed.length === 0 ? `All ${chosen.length} checks passed.` : `${failed.length} of ${chosen.length} checks failed: ${failed.join(', ')}.`);
process.exitCode = failed.length === 0 ? 0 : 1;
