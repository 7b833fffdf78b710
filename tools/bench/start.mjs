import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../scripts/workspace.mjs';
import { median } from './median.mjs';

/**
 * Seconds from `npm start` until its bar shows that a step has been taken; everything is installed, compiled and cached. The bar is
 * there on terminals only, so it is given one.
 *
 * @returns {Promise<number>}
 */
const once = () =>
  new Promise((resolve, reject) => {
    const out = mkdtempSync(join(tmpdir(), 'codistill-bench-start-'));
    const from = performance.now();
    const child = spawn('script', ['--quiet', '--return', '--command', `npm start --silent -- --out '${out}'`, '/dev/null'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
    let taken = false;
    let shown = '';
    child.on('error', reject);
    child.stdout.on('data', (chunk) => {
      shown = `${shown}${chunk}`.slice(-4_000);
      if (taken || !/step [1-9]\d*\//.test(shown)) return;
      taken = true;
      resolve((performance.now() - from) / 1000);
      // Its terminal goes with it, and so npm, the launcher and the example end.
      child.kill('SIGKILL');
    });
    child.on('close', () => {
      rmSync(out, { recursive: true, force: true, maxRetries: 5 });
      if (!taken) reject(new Error(`npm start ended before it took a step:\n${shown}`));
    });
  });

/** @param {number} rounds */
export async function timeStart(rounds) {
  await once();
  const taken = [];
  for (let round = 0; round < rounds; round++) taken.push(await once());
  return { work: 'start', seconds: median(taken), rounds: taken.map((seconds) => Math.round(seconds * 100) / 100) };
}
