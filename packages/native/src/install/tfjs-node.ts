import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * The npm packages that bind tfjs to libtensorflow. Their sources are the same.
 *
 * @example
 * const name: TfjsNodeName = '@tensorflow/tfjs-node';
 */
export type TfjsNodeName = '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu';

/**
 * One of them, found.
 *
 * @example
 * import { existsSync } from 'node:fs';
 * const isLinked = ({ binding }: TfjsNode): boolean => existsSync(binding);
 */
export interface TfjsNode {
  readonly name: TfjsNodeName;
  readonly version: string;
  readonly folder: string;
  /** Where it looks for its addon. */
  readonly binding: string;
  /** Where our addon is put. */
  readonly session: string;
}

/** A folder and all it is in. Module resolution would do, but remembers what was not there, and it may have been installed since. */
const upwards = (folder: string): readonly string[] => (dirname(folder) === folder ? [folder] : [folder, ...upwards(dirname(folder))]);

/**
 * Finds tfjs-node as a module of a project would.
 *
 * @param name - of the package
 * @param project - folder of the project. Default: the working directory, then whatever this package can see
 * @example
 * const found = findTfjsNode('@tensorflow/tfjs-node');
 */
export const findTfjsNode = (name: TfjsNodeName, project?: string): TfjsNode | undefined => {
  const seekers = project === undefined ? [process.cwd(), import.meta.dirname] : [resolve(project)];
  const manifest = seekers
    .flatMap(upwards)
    .map((each) => join(each, 'node_modules', name, 'package.json'))
    .find((each) => existsSync(each));
  if (manifest === undefined) return undefined;
  const { version, binary } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string; binary: { napi_versions: readonly number[] } };
  // As node-pre-gyp, which tfjs-node asks for the place, chooses.
  const napi = Math.max(...binary.napi_versions.filter((each) => each <= Number(process.versions['napi'])));
  const folder = realpathSync(dirname(manifest));
  const addons = join(folder, 'lib', `napi-v${napi}`);
  return { name, version, folder, binding: join(addons, 'tfjs_binding.node'), session: join(addons, 'graph_session.node') };
};

/**
 * The one that can be loaded: the CUDA build before the other.
 *
 * @param project - as in {@link findTfjsNode}
 * @example
 * const package_ = loadableTfjsNode()?.name;
 */
export const loadableTfjsNode = (project?: string): TfjsNode | undefined =>
  (['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const)
    .map((name) => findTfjsNode(name, project))
    .find((found) => found !== undefined && existsSync(found.binding));
