import { spawn, spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { CodistillError, say } from '@codistill/core/host';
import { isAlive } from './with-lock.ts';

/**
 * How a tool is run.
 *
 * @example
 * const quiet: ToolOptions = { step: 'pip download', show: false };
 */
export interface ToolOptions {
  /** What people call this step, for the sentence where it fails. */
  readonly step: string;
  /** Whether its standard output, such as a progress bar, goes to the terminal; default false. */
  readonly show?: boolean;
  readonly cwd?: string;
}

/** The line that says what went wrong, among those that a tool writes. */
const reasonIn = (output: string): string => {
  const lines = output.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  return lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? 'it says nothing';
};

/** What ends an installation, and then the tool it waits for. */
const ENDS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a program to its end. It has a process group of its own: a signal that ends this process ends the program and all that it
 * has started first, then this process.
 *
 * @param command - name or path
 * @param given - its arguments
 * @returns what it printed, unless that was shown
 * @throws CodistillError `NATIVE_STEP` where it fails or is not there
 * @example
 * const version = await runTool('c++', ['--version'], { step: 'the compiler' });
 */
export const runTool = async (command: string, given: readonly string[], { step, show = false, cwd }: ToolOptions): Promise<string> => {
  let endedBy: NodeJS.Signals | undefined;
  const pass = (signal: NodeJS.Signals): void => {
    endedBy = signal;
    // A shell's background processes do not hear SIGINT.
    if (child.pid !== undefined && isAlive(-child.pid)) process.kill(-child.pid, 'SIGTERM');
  };
  // Before the program is there: a signal that came between would end this process and leave that one.
  for (const signal of ENDS) process.on(signal, pass);
  const child = spawn(command, given, { detached: true, stdio: ['ignore', show ? 'inherit' : 'pipe', 'pipe'], ...(cwd === undefined ? {} : { cwd }) });
  const ended = new Promise<string | undefined>((resolve) => {
    child.on('error', ({ message }) => {
      resolve(message);
    });
    child.on('close', (status, signal) => {
      resolve(status === 0 ? undefined : signal === null ? '' : `it was ended by ${signal}`);
    });
  });
  const [reason, stdout, stderr] = await Promise.all([ended, child.stdout === null ? '' : text(child.stdout), child.stderr === null ? '' : text(child.stderr)]);
  for (const signal of ENDS) process.off(signal, pass);
  // Who waits cleans up first.
  if (endedBy !== undefined) setImmediate(process.kill, process.pid, endedBy);
  if (reason === undefined) return stdout.trim();
  throw new CodistillError('NATIVE_STEP', say.native.failed(step, reason === '' ? reasonIn(`${stderr}\n${stdout}`) : reason));
};

/**
 * The first line a program prints, or undefined where it is not there or fails.
 *
 * @param command - name or path
 * @param given - its arguments
 * @example
 * const compiler = firstLineOf('c++', ['--version']);
 */
export const firstLineOf = (command: string, given: readonly string[]): string | undefined => {
  const { status, stdout } = spawnSync(command, given, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return status === 0 ? stdout.trim().split('\n')[0] : undefined;
};

/**
 * The programs that installing takes, which variables of the environment may replace.
 *
 * @example
 * const { python } = tools({ PYTHON: 'python3.12' });
 */
export const tools = (environment: NodeJS.ProcessEnv = process.env): { readonly python: string; readonly compiler: string } => ({
  python: environment['PYTHON'] ?? 'python3',
  compiler: environment['CXX'] ?? 'c++',
});
