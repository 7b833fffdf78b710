import { existsSync, mkdirSync, statfsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CodistillError, say } from '@codistill/core/host';
import { buildAddon } from './build-addon.ts';
import { cacheFolder } from './cache-folder.ts';
import { fetchWheels } from './fetch-wheels.ts';
import { inPlace, sweep } from './in-place.ts';
import { linkAddon } from './link-addon.ts';
import { PINS, type Pins, TENSORFLOW } from './pins.ts';
import { placeTfjsNode } from './place-tfjs-node.ts';
import { REQUIREMENTS } from './requirements.ts';
import { type SelfTest, selfTest } from './self-test.ts';
import { type TfjsNode, findTfjsNode } from './tfjs-node.ts';
import { withLock } from './with-lock.ts';

/**
 * How to install.
 *
 * @example
 * const options: InstallOptions = { gpu: true };
 */
export interface InstallOptions {
  /** Brings TensorFlow with CUDA, for `@tensorflow/tfjs-node-gpu`; default false. */
  readonly gpu?: boolean;
  /** Folder whose `node_modules` gets the links; default the working directory. */
  readonly project?: string;
  /** Where libraries are kept; default {@link cacheFolder}. */
  readonly cache?: string;
  /** Gets a line for everything that takes a while; default `console.log`. */
  readonly log?: (line: string) => void;
}

/**
 * The pins for this machine.
 *
 * @param gpu - with CUDA
 * @throws CodistillError `NATIVE_PLATFORM` where TensorFlow has no wheel that works here
 * @example
 * const { megabytes } = pinsHere(false);
 */
export const pinsHere = (gpu: boolean): Pins => {
  const machine = `${process.platform}-${process.arch}`;
  const { glibcVersionRuntime } = (process.report.getReport() as unknown as { readonly header: { readonly glibcVersionRuntime?: string } }).header;
  const pins = process.platform === 'linux' && glibcVersionRuntime === undefined ? undefined : PINS[gpu ? `${machine}-gpu` : machine];
  if (pins !== undefined) return pins;
  const libc = process.platform === 'linux' && glibcVersionRuntime === undefined ? ' without glibc' : '';
  throw new CodistillError('NATIVE_PLATFORM', say.native.platform(`${machine}${libc}${gpu ? ' with a GPU' : ''}`, Object.keys(PINS)));
};

const insistOnTools = (): void => {
  for (const { name, find, repair } of REQUIREMENTS) if (find() === undefined) throw new CodistillError('NATIVE_NEEDS', say.native.needs(name, repair));
};

const insistOnSpace = (folder: string, megabytes: number): void => {
  const { bavail, bsize } = statfsSync(folder);
  const free = (bavail * bsize) / 1e6;
  if (free < megabytes) throw new CodistillError('NATIVE_SPACE', say.native.space(folder, megabytes, Math.floor(free)));
};

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

const libraries = async (pins: Pins, cache: string, log: (line: string) => void): Promise<string> => {
  const folder = join(cache, pins.name);
  if (existsSync(folder)) {
    log(`libtensorflow ${TENSORFLOW}: in ${folder}`);
    return folder;
  }
  const { download, disk } = pins.megabytes;
  // The wheel and what is unpacked of it are there at the same time.
  insistOnSpace(cache, download + disk);
  log(`libtensorflow ${TENSORFLOW}: ${download} MB to download with pip, ${disk} MB on disk (${Math.ceil(download / 10)} s at 10 MB/s) …`);
  const began = performance.now();
  await inPlace(folder, (at) => fetchWheels(pins, at));
  log(`libtensorflow ${TENSORFLOW}: ready in ${folder}, ${seconds(began)}`);
  return folder;
};

/**
 * Brings libtensorflow from its Python wheel, builds tfjs-node's addon and ours against it, and links both into a project. What is
 * there already is used: after `npm ci` this takes seconds. Killed at any point, or run twice at once, it leaves nothing half done.
 *
 * @param options - what, and where to
 * @returns what loading the addons showed
 * @throws CodistillError `NATIVE_PLATFORM`, `NATIVE_NEEDS`, `NATIVE_SPACE`, `NATIVE_LOCKED`, `NATIVE_STEP`
 * @example
 * const { version } = await install({ project: '.' }); // '2.21.0'
 */
export const install = async ({ gpu = false, project = '.', cache = cacheFolder(), log = console.log }: InstallOptions = {}): Promise<SelfTest> => {
  const pins = pinsHere(gpu);
  const name = gpu ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node';
  insistOnTools();
  if (!pins.tested) log('this kind of machine is installed by the same recipe as the others, but was never tried');
  mkdirSync(cache, { recursive: true });
  const found = await withLock(cache, async (): Promise<TfjsNode> => {
    sweep(cache);
    const folder = await libraries(pins, cache, log);
    sweep(join(folder, 'addon'));
    if (findTfjsNode(name, project) === undefined) {
      log(`${name}: into ${resolve(project, 'node_modules')}, without its install script`);
      await placeTfjsNode(name, resolve(project), cache);
    }
    const tfjsNode = findTfjsNode(name, project);
    if (tfjsNode === undefined) throw new CodistillError('NATIVE_STEP', say.native.failed(`placing ${name}`, 'npm left nothing that can be found'));
    const began = performance.now();
    const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(tfjsNode.folder, 'binding', file));
    const binding = await buildAddon('tfjs_binding', sources, [tfjsNode.folder], folder, pins, log);
    const session = await buildAddon('graph_session', [join(import.meta.dirname, '../../addon/graph_session.cc')], [], folder, pins, log);
    linkAddon(binding, tfjsNode.binding);
    linkAddon(session, tfjsNode.session);
    log(`addons: linked into ${tfjsNode.folder}, ${seconds(began)}`);
    return tfjsNode;
  }, log);
  const result = selfTest(found);
  log(`TensorFlow ${result.version} trains, on ${result.gpu ? 'a GPU' : 'the CPU'}`);
  if (gpu && !result.gpu) log('it finds no GPU here: npx codistill-native doctor says more');
  return result;
};
