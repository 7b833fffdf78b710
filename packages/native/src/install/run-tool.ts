import { spawnSync } from 'node:child_process';
import { CodistillError, say } from '@codistill/core/host';

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

/**
 * Runs a program to its end.
 *
 * @param command - name or path
 * @param given - its arguments
 * @returns what it printed, unless that was shown
 * @throws CodistillError `NATIVE_STEP` where it fails or is not there
 * @example
 * const version = runTool('c++', ['--version'], { step: 'the compiler' });
 */
export const runTool = (command: string, given: readonly string[], { step, show = false, cwd }: ToolOptions): string => {
  const { status, signal, error, stdout, stderr } = spawnSync(command, given, {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    stdio: ['ignore', show ? 'inherit' : 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  if (status === 0) return show ? '' : stdout.trim();
  throw new CodistillError('NATIVE_STEP', say.native.failed(step, error?.message ?? (signal === null ? reasonIn(`${stderr}\n${show ? '' : stdout}`) : `it was ended by ${signal}`)));
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
