import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { CodistillError, say } from '@codistill/core/host';

interface Holder {
  readonly pid: number;
  readonly host: string;
}

const MINUTES_30 = 30 * 60 * 1000;

/**
 * Whether a process of this machine is alive.
 *
 * @param pid - its number, or that of a process group below 0
 * @example
 * isAlive(process.pid); // true
 */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

const holderOf = (file: string): Holder | undefined => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
};

/**
 * Does something that only one process at a time should do in a folder. A second one waits; a lock of a process that was killed is
 * taken over. It saves double work only: everything done under it is done in a folder of its own and then renamed, so that
 * two at once would do no harm.
 *
 * @param folder - is made if it is not there
 * @param work - what to do
 * @param log - is told once that another process is waited for
 * @throws CodistillError `NATIVE_LOCKED` after half an hour, or where a process of another machine holds the lock
 * @example
 * await withLock('/tmp/codistill', () => { console.log('alone'); }, console.log);
 */
export const withLock = async <T>(folder: string, work: () => T | Promise<T>, log: (line: string) => void): Promise<T> => {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'lock');
  const mine: Holder = { pid: process.pid, host: hostname() };
  for (let waited = 0; ; waited += 200) {
    try {
      writeFileSync(file, JSON.stringify(mine), { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = holderOf(file);
    // A file without a holder is about to be written, or was left half-written by a power cut.
    const abandoned = holder === undefined ? waited > 2000 : holder.host === mine.host && !isAlive(holder.pid);
    if (abandoned) rmSync(file, { force: true });
    else if (waited >= MINUTES_30 || (holder !== undefined && holder.host !== mine.host)) {
      throw new CodistillError('NATIVE_LOCKED', say.native.locked(file, holder?.pid ?? 0, holder?.host ?? mine.host));
    } else if (waited === 0) log(`waiting for process ${holder?.pid ?? '?'}, which installs as well`);
    if (!abandoned) await setTimeout(200);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
};
