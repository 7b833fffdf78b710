import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { CodistillError } from '@codistill/core';
import { describeOnNative } from '@codistill/testkit';
import { cacheFolder } from './cache-folder.ts';
import { doctor } from './doctor.ts';
import { inPlace, sweep } from './in-place.ts';
import { install, pinsHere } from './install.ts';
import { linkAddon, unlinkAddon } from './link-addon.ts';
import { PINS } from './pins.ts';
import { runTool } from './run-tool.ts';
import { findTfjsNode } from './tfjs-node.ts';
import { uninstall } from './uninstall.ts';
import { loadTfjsNode } from '../session/load-tfjs-node.ts';
import { isAlive, withLock } from './with-lock.ts';

const root = join(import.meta.dirname, '../../../..');
const quiet = (): void => undefined;
const thrown = (call: () => unknown): CodistillError => {
  try {
    call();
  } catch (error) {
    if (error instanceof CodistillError) return error;
  }
  throw new Error('it threw no CodistillError');
};

const rejected = async (call: Promise<unknown>): Promise<CodistillError> => {
  const error: unknown = await call.catch((reason: unknown) => reason);
  if (error instanceof CodistillError) return error;
  throw new Error('it threw no CodistillError');
};

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'codistill-install-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The number of a process that has ended. */
const deadProcess = (): number => spawnSync(process.execPath, ['-e', '']).pid;

describe('the pins', () => {
  it('name one file each', () => {
    for (const { tensorflow, nvidia } of Object.values(PINS)) {
      for (const { version, sha256 } of [tensorflow, ...nvidia]) {
        expect(sha256).toMatch(/^[0-9a-f]{64}$/);
        expect(version).toMatch(/^\d+(\.\d+)+$/);
      }
    }
  });

  it('of a machine that TensorFlow has no wheel for are a sentence', () => {
    const platform = Object.getOwnPropertyDescriptor(process, 'platform') as PropertyDescriptor;
    try {
      Object.defineProperty(process, 'platform', { ...platform, value: 'sunos' });
      const error = thrown(() => pinsHere(true));
      expect([error.code, error.message]).toEqual([
        'NATIVE_PLATFORM',
        `there is no TensorFlow to install on sunos-${process.arch} with a GPU (there is for linux-x64, linux-x64-gpu, linux-arm64, darwin-arm64): train on wasm, which needs no installation`,
      ]);
    } finally {
      Object.defineProperty(process, 'platform', platform);
    }
  });
});

it('the cache is where the environment says', () => {
  expect(cacheFolder({ CODISTILL_CACHE: '/a' })).toBe('/a/native');
  expect(cacheFolder({ XDG_CACHE_HOME: '/b' })).toBe('/b/codistill/native');
  expect(cacheFolder({ CODISTILL_CACHE: '', XDG_CACHE_HOME: '' })).toMatch(/\/\.cache\/codistill\/native$/);
});

describe('a tool', () => {
  it('that fails is a sentence with its reason', async () => {
    const { code, message } = await rejected(runTool(process.execPath, ['-e', "console.error('so much\\nERROR: no such wheel\\nfor you'); process.exit(3)"], { step: 'pip download' }));
    expect([code, message]).toEqual(['NATIVE_STEP', 'pip download failed (ERROR: no such wheel): npx codistill-native doctor says what is missing']);
  });

  it('that is not there is one too', async () => {
    expect((await rejected(runTool('no-such-compiler', [], { step: 'building' }))).message).toContain('building failed (spawn no-such-compiler ENOENT)');
  });
});

/** Whether a process still does anything: an orphan that has ended stays in the table until whoever adopted it asks. */
const isRunning = (pid: number): boolean => {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return isAlive(pid);
  }
};

it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('an installer that is ended by %s ends pip and what pip has started, and leaves nothing unfinished', async (signal) => {
  const [cache, pids, python] = [join(folder, 'cache'), join(folder, 'pids'), join(folder, 'python')];
  // Says its version, and downloads for ever in a process of its own.
  writeFileSync(python, `#!/bin/sh\ncase "$*" in *download*) sleep 600 & echo $$ $! > ${pids}; wait;; *) echo pip 1;; esac\n`, { mode: 0o755 });
  const installer = spawn(process.execPath, [join(import.meta.dirname, '../../dist/bin.js'), 'install', '--project', folder], {
    cwd: folder,
    stdio: 'ignore',
    env: { ...process.env, NODE_OPTIONS: '', PYTHON: python, CODISTILL_CACHE: cache },
  });
  const ended = new Promise((resolve) => installer.on('close', (_, by) => { resolve(by); }));
  const written = (): string => (existsSync(pids) ? readFileSync(pids, 'utf8') : '');
  while (!written().endsWith('\n') && installer.exitCode === null) await setTimeout(20);
  const started = written().trim().split(' ').map(Number);
  expect([started.length, started.every(isRunning)]).toEqual([2, true]);
  installer.kill(signal);
  expect(await ended).toBe(signal);
  while (started.some(isRunning)) await setTimeout(20);
  expect(readdirSync(join(cache, 'native'))).toEqual([]);
});

describe('what is made in place', () => {
  it('is there whole or not at all', async () => {
    const place = join(folder, 'a', 'b');
    await expect(inPlace(place, (at) => {
      mkdirSync(at);
      throw new Error('killed');
    })).rejects.toThrow('killed');
    expect(readdirSync(join(folder, 'a'))).toEqual([]);
    expect(await inPlace(place, (at) => { mkdirSync(at); })).toBe(true);
    expect(await inPlace(place, quiet)).toBe(false);
    expect(readdirSync(join(folder, 'a'))).toEqual(['b']);
  });

  it('is not made over what another process made meanwhile', async () => {
    const place = join(folder, 'it');
    await inPlace(place, (at) => {
      mkdirSync(at);
      mkdirSync(place);
      writeFileSync(join(place, 'theirs'), '');
    });
    expect(readdirSync(place)).toEqual(['theirs']);
    expect(readdirSync(folder)).toEqual(['it']);
  });

  it('is swept if its maker was killed, and left if it is at work', () => {
    const [dead, alive] = [`unfinished-${deadProcess()}-x`, `unfinished-${process.pid}-x`];
    for (const name of [dead, alive, 'other']) mkdirSync(join(folder, name));
    sweep(folder);
    expect(readdirSync(folder).sort()).toEqual(['other', alive].sort());
  });
});

describe('the lock', () => {
  it('is given back, also after an error', async () => {
    await expect(withLock(folder, () => { throw new Error('no'); }, quiet)).rejects.toThrow('no');
    expect(await withLock(folder, () => readdirSync(folder), quiet)).toEqual(['lock']);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of a process that was killed is taken over', async () => {
    await withLock(folder, () => {
      const lock = JSON.parse(readFileSync(join(folder, 'lock'), 'utf8')) as { host: string };
      writeFileSync(join(folder, 'dead'), JSON.stringify({ ...lock, pid: deadProcess() }));
    }, quiet);
    writeFileSync(join(folder, 'lock'), readFileSync(join(folder, 'dead')));
    expect(await withLock(folder, () => 'done', quiet)).toBe('done');
  });

  it('of a process at work is waited for, and says so once', async () => {
    const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
    let host = '';
    await withLock(folder, () => { ({ host } = JSON.parse(readFileSync(join(folder, 'lock'), 'utf8')) as { host: string }); }, quiet);
    writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: other.pid, host }));
    const lines: string[] = [];
    const done = withLock(folder, () => other.exitCode ?? other.signalCode, (line) => lines.push(line));
    void setTimeout(700).then(() => other.kill());
    expect(await done).toBe('SIGTERM');
    expect(lines).toEqual([`waiting for process ${other.pid}, which installs as well`]);
  });

  it('of another machine is a sentence', async () => {
    const lock = join(folder, 'lock');
    writeFileSync(lock, JSON.stringify({ pid: 7, host: 'elsewhere' }));
    await expect(withLock(folder, quiet, quiet)).rejects.toThrow(`process 7 on elsewhere installs as well and does not end: delete ${lock} if it is not there any more, and try again`);
  });
});

it('an addon that was there before is put aside, and back', () => {
  const [target, at] = [join(folder, 'cache.node'), join(folder, 'lib', 'addon.node')];
  writeFileSync(target, 'ours');
  mkdirSync(join(folder, 'lib'));
  writeFileSync(at, 'theirs');
  expect(linkAddon(target, at)).toBe(true);
  expect(linkAddon(target, at)).toBe(false);
  expect(readFileSync(at, 'utf8')).toBe('ours');
  expect(readlinkSync(at)).toBe(target);
  unlinkAddon(at);
  expect(readFileSync(at, 'utf8')).toBe('theirs');
  unlinkAddon(at);
  expect(readdirSync(join(folder, 'lib'))).toEqual(['addon.node']);
});

it('the doctor names what is missing and the command that repairs it', () => {
  const findings = doctor({ project: folder });
  expect(findings.find(({ what }) => what === '@tensorflow/tfjs-node')).toEqual({ what: '@tensorflow/tfjs-node', found: 'not there', repair: 'npx codistill-native install' });
  expect(findings.find(({ what }) => what === 'Node')?.found).toContain(process.version);
  expect(doctor({ project: folder, gpu: true }).map(({ what }) => what)).toContain('NVIDIA driver');
});

const cached = (): void => {
  const libraries = join(cacheFolder(), pinsHere(false).name);
  if (!existsSync(libraries)) throw new Error(`${libraries} is not there`);
};

describeOnNative('installing from the cache', [cached, loadTfjsNode], () => {
  it('links a project that has tfjs only, twice, and leaves it as it was', async () => {
    mkdirSync(join(folder, 'node_modules/@tensorflow'), { recursive: true });
    for (const name of ['tfjs', 'tfjs-core']) symlinkSync(join(root, 'node_modules/@tensorflow', name), join(folder, 'node_modules/@tensorflow', name));
    const lines: string[] = [];
    const first = await install({ project: folder, log: (line) => lines.push(line) });
    expect(first.version).toBe('2.21.0');
    expect(lines.join('\n')).not.toContain('to download');
    const found = findTfjsNode('@tensorflow/tfjs-node', folder);
    expect(found?.folder).toBe(realpathSync(join(folder, 'node_modules/@tensorflow/tfjs-node')));
    expect(realpathSync(found?.session ?? '')).toContain(realpathSync(cacheFolder()));
    expect((await install({ project: folder, log: quiet })).version).toBe('2.21.0');
    expect(doctor({ project: folder }).filter(({ repair }) => repair !== undefined)).toEqual([]);
    expect(uninstall({ project: folder, keepCache: true })).toHaveLength(1);
    expect(readdirSync(join(folder, 'node_modules/@tensorflow'))).toEqual(['tfjs', 'tfjs-core']);
    expect(existsSync(cacheFolder())).toBe(true);
  }, 60_000);
});
