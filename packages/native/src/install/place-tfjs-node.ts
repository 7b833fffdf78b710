import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inPlace } from './in-place.ts';
import { TFJS_NODE } from './pins.ts';
import { runTool } from './run-tool.ts';
import type { TfjsNodeName } from './tfjs-node.ts';

/** Marks a package that is ours to remove. */
const MARK = '.placed-by-codistill';

/**
 * Puts tfjs-node into a project that lacks it, without its install script, which downloads another libtensorflow. npm installs it
 * into the cache once, with its dependencies beneath it, and it is copied: `npm install --no-save` in the project would remove
 * whatever else is in `node_modules` without being in `package.json`. It shares the project's tfjs.
 *
 * @param name - of the package
 * @param project - folder with `node_modules`
 * @param cache - where it is kept
 * @throws CodistillError `NATIVE_STEP`
 * @example
 * await placeTfjsNode('@tensorflow/tfjs-node', '.', '/tmp/codistill');
 */
export const placeTfjsNode = async (name: TfjsNodeName, project: string, cache: string): Promise<void> => {
  const kept = join(cache, `${name.replace('@tensorflow/', '')}-${TFJS_NODE}`);
  await inPlace(kept, async (at) => {
    const folder = `${at}-npm`;
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    const given = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--install-strategy=nested', '--loglevel=error', `${name}@${TFJS_NODE}`];
    await runTool('npm', given, { step: `npm install ${name}`, cwd: folder });
    const package_ = join(folder, 'node_modules', name);
    rmSync(join(package_, 'node_modules/@tensorflow/tfjs'), { recursive: true, force: true });
    writeFileSync(join(package_, MARK), '');
    cpSync(package_, at, { recursive: true });
  });
  await inPlace(join(project, 'node_modules', name), (at) => {
    cpSync(kept, at, { recursive: true });
  });
};

/**
 * Whether a package was put there by {@link placeTfjsNode}.
 *
 * @param folder - of the package
 * @example
 * isPlaced('node_modules/@tensorflow/tfjs-node');
 */
export const isPlaced = (folder: string): boolean => existsSync(join(folder, MARK));
