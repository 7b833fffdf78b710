import { existsSync } from 'node:fs';
import { reasonOf } from '../session/reason-of.ts';
import { cacheFolder } from './cache-folder.ts';
import { pinsHere } from './install.ts';
import { REQUIREMENTS } from './requirements.ts';
import { firstLineOf } from './run-tool.ts';
import { selfTest } from './self-test.ts';
import { type TfjsNodeName, findTfjsNode } from './tfjs-node.ts';

/**
 * One thing the doctor looked at.
 *
 * @example
 * const line = ({ what, found, repair }: Finding): string => `${what}: ${found}${repair === undefined ? '' : `; ${repair}`}`;
 */
export interface Finding {
  readonly what: string;
  readonly found: string;
  /** What to do; absent where nothing need be done. */
  readonly repair?: string;
}

/** TensorFlow's wheels are built for this, and its libraries use nothing newer. */
const GLIBC = 2.27;
/** Kernels are there for this and newer cards. */
const COMPUTE_CAPABILITY = 6;
/** The first driver of CUDA 12.5, which TensorFlow is built with, by NVIDIA's table of minor version compatibility for CUDA 12. */
const DRIVER = 525;

const machine = (gpu: boolean): readonly Finding[] => {
  const { glibcVersionRuntime: glibc } = (process.report.getReport() as unknown as { readonly header: { readonly glibcVersionRuntime?: string } }).header;
  const findings: Finding[] = [{ what: 'Node', found: `${process.version}, ${process.platform} ${process.arch}` }];
  if (process.platform === 'linux') {
    const enough = glibc !== undefined && (Number(glibc.split('.')[0]) > 2 || Number(glibc.split('.')[1]) >= Number(String(GLIBC).split('.')[1]));
    findings.push({ what: 'glibc', found: glibc ?? 'none', ...(enough ? {} : { repair: `TensorFlow needs glibc ${GLIBC} or newer: use another Linux (not Alpine), or train on wasm` }) });
  }
  try {
    const { megabytes, tested, name } = pinsHere(gpu);
    findings.push({ what: 'wheel', found: `${name}, ${megabytes.download} MB${tested ? '' : ' (this kind of machine was never tried)'}` });
  } catch (error) {
    findings.push({ what: 'wheel', found: 'none', repair: reasonOf(error) });
  }
  return findings;
};

const addons = (name: TfjsNodeName, project: string | undefined, repair: string): readonly Finding[] => {
  const found = findTfjsNode(name, project);
  if (found === undefined) return [{ what: name, found: 'not there', repair }];
  const package_: Finding = { what: name, found: `${found.version}, ${found.folder}` };
  if (!existsSync(found.binding) || !existsSync(found.session)) return [package_, { what: 'addons', found: 'not linked', repair }];
  try {
    const { version, gpu, loadMilliseconds } = selfTest(found);
    return [package_, { what: 'addons', found: `TensorFlow ${version} loads in ${loadMilliseconds} ms and trains on ${gpu ? 'a GPU' : 'the CPU'}` }];
  } catch (error) {
    return [package_, { what: 'addons', found: reasonOf(error), repair: `npx codistill-native uninstall && ${repair}` }];
  }
};

/** One line for each card, as nvidia-smi tells. */
const cards = (): readonly Finding[] => {
  const repair = "install NVIDIA's driver (525 or newer) and start the container, if this is one, with its GPUs";
  const line = firstLineOf('nvidia-smi', ['--query-gpu=name,driver_version,compute_cap', '--format=csv,noheader']);
  if (line === undefined) return [{ what: 'NVIDIA driver', found: 'none (no nvidia-smi)', repair }];
  const [name = '', driver = '', capability = ''] = line.split(',').map((part) => part.trim());
  return [
    { what: 'NVIDIA driver', found: driver, ...(Number.parseInt(driver) >= DRIVER ? {} : { repair }) },
    {
      what: 'GPU',
      found: `${name}, compute capability ${capability}`,
      ...(Number(capability) >= COMPUTE_CAPABILITY ? {} : { repair: `TensorFlow has kernels for compute capability ${COMPUTE_CAPABILITY.toFixed(1)} and newer: train on the CPU` }),
    },
  ];
};

/**
 * Looks at everything that native TensorFlow takes.
 *
 * @param options - `gpu`: with CUDA; `project`: whose `node_modules`
 * @example
 * const missing = doctor({}).filter(({ repair }) => repair !== undefined);
 */
export const doctor = ({ gpu = false, project }: { readonly gpu?: boolean; readonly project?: string }): readonly Finding[] => [
  ...machine(gpu),
  ...REQUIREMENTS.map(({ name, find, repair }): Finding => {
    const found = find();
    return found === undefined ? { what: name, found: 'not there', repair } : { what: name, found };
  }),
  { what: 'cache', found: existsSync(cacheFolder()) ? cacheFolder() : `${cacheFolder()} (empty)` },
  ...(gpu ? cards() : []),
  ...addons(gpu ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node', project, `npx codistill-native install${gpu ? ' --gpu' : ''}`),
];
