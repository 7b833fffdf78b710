import { firstLineOf, tools } from './run-tool.ts';

/**
 * A program that installing takes.
 *
 * @example
 * const isThere = ({ find }: Requirement): boolean => find() !== undefined;
 */
export interface Requirement {
  readonly name: string;
  /** What it says of itself, or undefined where it is not there. */
  readonly find: () => string | undefined;
  /** The command that brings it. */
  readonly repair: string;
}

const APPLE = process.platform === 'darwin';

/**
 * All of them.
 *
 * @example
 * const missing = REQUIREMENTS.filter(({ find }) => find() === undefined);
 */
export const REQUIREMENTS: readonly Requirement[] = [
  {
    name: 'pip',
    find: () => firstLineOf(tools().python, ['-m', 'pip', '--version'])?.replace(/ from .*/, ''),
    repair: APPLE ? 'brew install python' : 'apt-get install python3-pip (or set PYTHON to a Python that has pip)',
  },
  {
    name: 'a C++ compiler',
    find: () => firstLineOf(tools().compiler, ['--version']),
    repair: APPLE ? 'xcode-select --install' : 'apt-get install g++ (or set CXX to a compiler)',
  },
];
