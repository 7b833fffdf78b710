import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isAlive } from './with-lock.ts';

/** Folders under construction carry their maker's number, so that what a killed one left can be told from work under way. */
const UNFINISHED = /^unfinished-(\d+)-/;

/**
 * Makes a folder or file whole or not at all: it is made beside its place and renamed. Where two processes do so, one of them wins
 * and the other's work is thrown away.
 *
 * @param place - where it shall be; nothing happens if something is there
 * @param make - makes it at the path it is given, which does not exist yet
 * @returns whether it was made
 * @example
 * import { mkdirSync } from 'node:fs';
 * await inPlace('/tmp/codistill/example', (at) => { mkdirSync(at); });
 */
export const inPlace = async (place: string, make: (at: string) => void | Promise<void>): Promise<boolean> => {
  if (existsSync(place)) return false;
  const parent = dirname(place);
  mkdirSync(parent, { recursive: true });
  const unfinished = mkdtempSync(join(parent, `unfinished-${process.pid}-`));
  try {
    await make(join(unfinished, 'it'));
    try {
      renameSync(join(unfinished, 'it'), place);
    } catch (error) {
      if (!existsSync(place)) throw error;
    }
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return true;
};

/**
 * Removes what processes that were killed have left unfinished in a folder.
 *
 * @param folder - not looked into deeper
 * @example
 * sweep('/tmp/codistill');
 */
export const sweep = (folder: string): void => {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const maker = UNFINISHED.exec(name)?.[1];
    if (maker !== undefined && !isAlive(Number(maker))) rmSync(join(folder, name), { recursive: true, force: true });
  }
};
