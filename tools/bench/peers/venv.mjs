import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch } from '../../scripts/launch.mjs';
import { root } from '../../scripts/workspace.mjs';

const folder = join(root, '.cache', 'bench', 'venv');
const requirements = join(import.meta.dirname, 'requirements.txt');
/** Of these, what they depend on is left out: it asks for other versions, and for much that is not used. */
const alone = join(import.meta.dirname, 'requirements-alone.txt');

/** Runs a command that must succeed; what it prints goes to standard error. */
const must = async (/** @type {string} */ command, /** @type {readonly string[]} */ args) => {
  const { code } = await launch(command, args, { output: 'stderr' });
  if (code !== 0) throw new Error(`the peers cannot be installed: '${command} ${args.join(' ')}' ended with ${code}`);
};

/**
 * The Python of a virtual environment that holds the peers; made where it is missing or its requirements have changed.
 *
 * @returns {Promise<string>} path of the interpreter
 */
export async function peersPython() {
  const python = join(folder, 'bin', 'python');
  const stamp = join(folder, 'requirements.sha256');
  const wanted = createHash('sha256').update(readFileSync(requirements)).update(readFileSync(alone)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python;
  console.error('Installing the peers (PyTorch, TensorFlow and others, about 2 GB) into .cache/bench/venv.');
  rmSync(folder, { recursive: true, force: true });
  await must('python3', ['-m', 'venv', folder]);
  await must(python, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements]);
  await must(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', '--requirement', alone]);
  writeFileSync(stamp, wanted);
  return python;
}
