import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/workspace.mjs';
import { reportOf } from './report.mjs';
import { merged } from './takings.mjs';

/** @typedef {Awaited<ReturnType<typeof import('./machine.mjs').machine>>} Machine */

/**
 * What is kept of each kind, in a file of its name.
 *
 * @typedef {object} Kept
 * @property {{ takings: readonly import('./takings.mjs').Taking[] }} step
 * @property {{ takings: readonly import('./takings.mjs').Taking[] }} gpu
 * @property {{ machine: Machine, row: Awaited<ReturnType<typeof import('./start.mjs').timeStart>> }} start
 * @property {{ machine: Machine, row: Awaited<ReturnType<typeof import('./data.mjs').timeData>> }} data
 */

const folder = join(root, 'bench', 'results');

/**
 * @template {keyof Kept} Kind
 * @param {Kind} kind
 * @returns {Kept[Kind] | undefined}
 */
const kept = (kind) => {
  const path = join(folder, `${kind}.json`);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
};

/**
 * @template {keyof Kept} Kind
 * @param {Kind} kind
 * @param {Kept[Kind]} results
 */
const keep = (kind, results) => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${kind}.json`), `${JSON.stringify(results, null, 2)}\n`);
};

/** The report of what is kept, which is written as well. */
const rendered = (/** @type {'step' | 'gpu'} */ kind) => {
  const takings = kept(kind)?.takings ?? [];
  const report = kind === 'gpu' ? reportOf('Joint training steps on a GPU', takings) : reportOf('Benchmarks', takings, { seconds: kept('start')?.row.seconds, dataRatio: kept('data')?.row.ratio });
  writeFileSync(join(folder, `${kind}.md`), report);
  return report;
};

/**
 * Keeps takings in the place of those they repeat.
 *
 * @param {'step' | 'gpu'} kind
 * @param {readonly import('./takings.mjs').Taking[]} taken
 * @returns {string} the report of all that is kept
 */
export const keepTakings = (kind, taken) => {
  keep(kind, { takings: merged(kept(kind)?.takings ?? [], taken) });
  return rendered(kind);
};

/** @param {Kept['start']} results */
export const keepStart = (results) => {
  keep('start', results);
  rendered('step');
};

/** @param {Kept['data']} results */
export const keepData = (results) => {
  keep('data', results);
  rendered('step');
};
