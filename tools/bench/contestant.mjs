import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * What a contestant measured in one round.
 *
 * @typedef {object} Round
 * @property {number} ms - wall time per step
 * @property {number} cpuMs - processor time per step, of all threads
 * @property {number} peakMB - the most memory it ever held
 * @property {number} [hostMs] - processor time per step of the thread that runs JavaScript, where steps are computed on others
 */

/**
 * A program that waits for a number on standard input, takes as many steps, and prints a round as one line of JSON; before the first,
 * a line with its `parameters`. Programs stay alive between rounds, so that contestants can take turns.
 *
 * @param {string} name
 * @param {readonly string[]} command
 * @param {{ cores: readonly number[], env?: Record<string, string> }} options - `cores` it may run on
 */
export async function contestant(name, command, { cores, env = {} }) {
  const child = spawn('taskset', ['-c', cores.join(), ...command], { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let complaints = '';
  child.stderr.on('data', (chunk) => (complaints = `${complaints}${chunk}`.slice(-4_000)));
  const ended = new Promise((_, reject) => {
    child.on('error', reject);
    child.on('close', (code) => reject(new Error(`${name} ended with ${code}:\n${complaints}`)));
  });
  ended.catch(() => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  /** Other lines are chatter of libraries. */
  const answer = async () => {
    for (;;) {
      const { value, done } = await Promise.race([lines.next(), ended]);
      if (done) return await ended;
      if (value.startsWith('{')) return JSON.parse(value);
    }
  };
  const { parameters, flops, how } = await answer();
  return {
    name,
    parameters,
    flops,
    /** What it runs on, if it says so. */
    how,
    /** @returns {Promise<Round>} */
    round: (/** @type {number} */ steps) => {
      child.stdin.write(`${steps}\n`);
      return answer();
    },
    close: () => child.kill(),
  };
}
