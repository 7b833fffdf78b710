// publint and attw for every package that can be published, each packed once: one process for all, since each would load the compiler again.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { npm } from './launch.mjs';
import { projects, root } from './workspace.mjs';

/** Ways to be resolved that packages of modules only have not: attw's profile `esm-only`. */
const OTHERS = ['node10', 'node16-cjs'];

/**
 * @param {Uint8Array} tarball
 * @returns {Promise<readonly string[]>}
 */
const wrongTypes = async (tarball) => {
  const analysis = await checkPackage(createPackageFromTarballData(tarball));
  if (!analysis.types) return ['attw: it has no types'];
  return analysis.problems.flatMap((problem) => ('resolutionKind' in problem && OTHERS.includes(problem.resolutionKind) ? [] : [`attw: ${JSON.stringify(problem)}`]));
};

/**
 * @param {Uint8Array} tarball
 * @returns {Promise<readonly string[]>}
 */
const wrongManifest = async (tarball) => {
  const { messages, pkg } = await publint({ strict: true, pack: { tarball: Uint8Array.from(tarball).buffer } });
  return messages.flatMap((message) => (message.type === 'suggestion' ? [] : [`publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`]));
};

const publishable = projects(['packages', 'examples']).filter((project) => project.publishable);
const scratch = mkdtempSync(join(tmpdir(), 'codistill-packed-'));
try {
  const { code, output } = await npm(['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', scratch, ...publishable.map(({ folder }) => join(root, folder))], { output: 'capture' });
  if (code !== 0) throw new Error(output);
  /** @type {readonly { name: string, filename: string }[]} */
  const packed = JSON.parse(output);
  const fileOf = new Map(packed.map(({ name, filename }) => [name, join(scratch, filename)]));
  for (const { name, folder } of publishable) {
    const tarball = readFileSync(fileOf.get(name) ?? '');
    const wrong = [...(await wrongManifest(tarball)), ...(await wrongTypes(tarball))];
    for (const sentence of wrong) console.error(`${folder}: ${sentence}`);
    if (wrong.length > 0) process.exitCode = 1;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
