import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { inPlace } from './in-place.ts';
import type { Pins } from './pins.ts';
import { firstLineOf, runTool, tools } from './run-tool.ts';

/**
 * Builds an addon against the libraries of a folder, with the system's compiler and the headers of Node-API that npm has: no
 * node-gyp, no headers of Node. It lies beside the libraries it links, and is found again by what it was built from.
 *
 * @param name - of the addon
 * @param sources - C++ files; headers beside them count as theirs
 * @param include - folders to search besides
 * @param libraries - folder of the libraries, as `fetchWheels` fills it
 * @param pins - what is in it
 * @param log - is told where it has to be built
 * @returns path of the addon
 * @throws CodistillError `NATIVE_STEP`
 * @example
 * declare const pins: import('./pins.ts').Pins;
 * const path = await buildAddon('graph_session', ['graph_session.cc'], [], '/tmp/libtensorflow', pins, console.log);
 */
export const buildAddon = async (name: string, sources: readonly string[], include: readonly string[], libraries: string, pins: Pins, log: (line: string) => void): Promise<string> => {
  const { compiler } = tools();
  const headers = [...new Set(sources.map((source) => dirname(source)))].flatMap((folder) =>
    readdirSync(folder).filter((file) => file.endsWith('.h')).sort().map((file) => join(folder, file)),
  );
  const made = createHash('sha256').update(`${pins.tensorflow.sha256} ${firstLineOf(compiler, ['--version']) ?? compiler}`);
  for (const file of [...sources, ...headers]) made.update(readFileSync(file));
  const path = join(libraries, 'addon', `${name}-${made.digest('hex').slice(0, 12)}.node`);
  const nodeApi = join(dirname(createRequire(import.meta.url).resolve('node-api-headers/package.json')), 'include');
  const tensorflow = join(libraries, 'tensorflow');
  const elsewhere = process.platform === 'darwin';
  await inPlace(path, async (at) => {
    log(`${name}: building with ${compiler} …`);
    const given = [
      ...['-O2', '-std=c++17', '-fPIC', '-shared', '-DNAPI_VERSION=8', '-w'],
      ...[nodeApi, join(tensorflow, 'include'), ...include].flatMap((folder) => ['-I', folder]),
      ...sources,
      ...['-o', at, '-L', tensorflow],
      ...(elsewhere ? pins.libraries.map((library) => join(tensorflow, library)) : pins.libraries.map((library) => `-l:${library}`)),
      // Symbols of Node-API are in the process that loads it.
      ...(elsewhere ? ['-undefined', 'dynamic_lookup', '-Wl,-rpath,@loader_path/../tensorflow'] : ['-Wl,-rpath,$ORIGIN/../tensorflow']),
    ];
    await runTool(compiler, given, { step: `building ${name}` });
  });
  return path;
};
