import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../scripts/workspace.mjs';
import { median } from './median.mjs';

/**
 * Seconds from `npm start` to its first sign of training; everything is installed, compiled and cached.
 *
 * @returns {Promise<number>}
 */
const once = () =>
  new Promise((resolve, reject) => {
    const out = mkdtempSync(join(tmpdir(), 'codistill-bench-start-'));
    const from = performance.now();
    const child = spawn('npm', ['start', '--silent', '--', '--out', out], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    child.on('error', reject);
    child.stderr.on('data', (chunk) => {
      if (!String(chunk).includes('training ')) return;
      resolve((performance.now() - from) / 1000);
      // The whole group: npm, the launcher and the example.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    });
    child.on('close', () => {
      rmSync(out, { recursive: true, force: true });
      reject(new Error('npm start ended before it trained'));
    });
  });

/** @param {number} rounds */
export async function timeStart(rounds) {
  await once();
  const taken = [];
  for (let round = 0; round < rounds; round++) taken.push(await once());
  return { work: 'start', seconds: median(taken) };
}
