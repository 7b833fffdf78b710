import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace.mjs';

/**
 * How a command ended.
 *
 * @typedef {object} Ended
 * @property {number} code - exit code; 1 if a signal ended it
 * @property {string} output - what it printed, where that was captured
 */

/**
 * Runs a command from the root and waits for it. Ctrl-C reaches the command through the terminal; this process outlives it, so
 * that what the command prints while it saves its work is seen.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, output?: 'inherit' | 'stderr' | 'capture' }} [options] - `stderr` keeps
 *   standard output clean for what the user asked for
 * @returns {Promise<Ended>}
 */
export function launch(command, args, { cwd = root, env = process.env, output = 'inherit' } = {}) {
  /** @type {Record<typeof output, import('node:child_process').StdioOptions>} */
  const stdio = { inherit: 'inherit', stderr: ['ignore', 2, 2], capture: ['ignore', 'pipe', 'pipe'] };
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: stdio[output] });
    let captured = '';
    child.stdout?.on('data', (chunk) => (captured += chunk));
    child.stderr?.on('data', (chunk) => (captured += chunk));
    const stay = () => undefined;
    const pass = () => child.kill('SIGTERM');
    process.on('SIGINT', stay).on('SIGTERM', pass);
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('SIGINT', stay).off('SIGTERM', pass);
      resolve({ code: code ?? 1, output: captured });
    });
  });
}

/**
 * Runs a Node program.
 *
 * @param {readonly string[]} args - script and its arguments
 * @param {Parameters<typeof launch>[2]} [options]
 */
export const node = (args, options) => launch(process.execPath, args, options);

/**
 * Path of an installed package's command. Going through `.bin` would need a shell on Windows.
 *
 * @param {string} name - npm name
 * @param {string} [command] - default: the package's only command
 */
export function commandOf(name, command = name) {
  const folder = join(root, 'node_modules', name);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[command]);
}

/**
 * Runs the npm that runs this script, or the one on the path.
 *
 * @param {readonly string[]} args
 * @param {Parameters<typeof launch>[2]} [options]
 */
export function npm(args, options) {
  const self = process.env['npm_execpath'];
  return self?.endsWith('.js') ? node([self, ...args], options) : launch(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, options);
}
