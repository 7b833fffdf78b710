import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pins, Wheel } from './pins.ts';
import { runTool, tools } from './run-tool.ts';

/** Reads only what is wanted from a wheel: its path, the folder to write to, a pattern of names. */
const UNPACK = `
import re, sys, zipfile
wheel, folder, wanted = sys.argv[1:]
archive = zipfile.ZipFile(wheel)
archive.extractall(folder, [name for name in archive.namelist() if re.fullmatch(wanted, name) and not name.endswith('/')])
`;

/** The libraries, and of some 2,000 headers those that tfjs-node includes. */
const TENSORFLOW_FILES = String.raw`tensorflow/libtensorflow_(cc|framework)\.(so\.2|2\.dylib)|tensorflow/include/(tensorflow/c|tensorflow/core/platform|tsl/platform|xla/tsl|tensorflow/core/public|third_party)/.*\.h`;
const NVIDIA_FILES = String.raw`nvidia/(?!.*(include/|static|\.a$)).*`;

const download = async (wheels: readonly Wheel[], platforms: readonly string[], to: string): Promise<readonly string[]> => {
  mkdirSync(to);
  const requirements = join(to, 'requirements.txt');
  writeFileSync(requirements, wheels.map(({ name, version, sha256 }) => `${name}==${version} --hash=sha256:${sha256}\n`).join(''));
  const tags = ['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311', '--abi', 'none', ...platforms.flatMap((platform) => ['--platform', platform])];
  const given = ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--require-hashes', ...tags, '--dest', to, '--requirement', requirements];
  await runTool(tools().python, given, { step: 'pip download', show: true });
  return readdirSync(to).filter((name) => name.endsWith('.whl')).map((name) => join(to, name));
};

const unpack = async (wheels: readonly string[], wanted: string, to: string): Promise<void> => {
  mkdirSync(to, { recursive: true });
  for (const wheel of wheels) await runTool(tools().python, ['-c', UNPACK, wheel, to, wanted], { step: 'unpacking' });
};

/**
 * Brings the libraries of some pins into a folder: `tensorflow/` with the headers beneath, and `nvidia/`, which TensorFlow's own
 * search path finds beside it. pip asks the index its user configured, and checks the hashes.
 *
 * @param pins - what to bring
 * @param to - a folder that does not exist yet
 * @throws CodistillError `NATIVE_STEP`
 * @example
 * import { PINS } from './pins.ts';
 * const pins = PINS['linux-x64'];
 * if (pins !== undefined) await fetchWheels(pins, '/tmp/libtensorflow');
 */
export const fetchWheels = async ({ tensorflow, nvidia, platforms }: Pins, to: string): Promise<void> => {
  const wheels = `${to}-wheels`;
  await unpack(await download([tensorflow], platforms, wheels), TENSORFLOW_FILES, to);
  rmSync(wheels, { recursive: true });
  if (nvidia.length === 0) return;
  await unpack(await download(nvidia, platforms, wheels), NVIDIA_FILES, to);
  rmSync(wheels, { recursive: true });
  // A zip knows nothing of executables, and XLA starts some.
  for (const folder of ['bin', 'nvvm/bin'].map((each) => join(to, 'nvidia/cuda_nvcc', each)).filter(existsSync)) {
    for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o755);
  }
};
