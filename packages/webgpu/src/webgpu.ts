import { type BackendCandidate, CodistillError, type StartedBackend, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { guard } from './guard.ts';
import { isSoftware, mayHaveCard, openAdapter, optional } from './open-adapter.ts';
import { installWebgpuKernels } from './ops/webgpu-kernels.ts';
import { defineGlobals, withNavigator } from './with-globals.ts';

const NAME = 'webgpu';

/** Devices have the least any browser promises, unless told otherwise. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const;

/** What an adapter calls itself: `'nvidia-h100-80gb-hbm3'`. */
const titleOf = ({ device, description, vendor }: Partial<GPUAdapterInfo>): string =>
  [device, description, vendor].find((text) => text !== undefined && text !== '')?.replace(/-+$/, '') ?? 'a device without a name';

const refuseSoftware = (info: Partial<GPUAdapterInfo>): void => {
  if (isSoftware(info)) throw new CodistillError('WEBGPU_SOFTWARE', say.backend.webgpuSoftware(titleOf(info)));
};

/** Makes tfjs's backend on the machine's adapter. Its own registration is passed over: it would ask for an adapter of its own. */
const register = async (software: boolean): Promise<void> => {
  if (!software && !mayHaveCard()) throw new CodistillError('WEBGPU_NO_CARD', say.backend.webgpuNoCard());
  const { gpu, adapter, globals } = await openAdapter();
  if (!software) refuseSoftware(adapter.info);
  defineGlobals(globals);
  const { WebGPUBackend } = await optional(() => import('@tensorflow/tfjs-backend-webgpu'));
  const device = await adapter.requestDevice({ requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])) });
  const backend = withNavigator(gpu, () => new WebGPUBackend(device, adapter.info));
  guard(backend);
  tf.registerBackend(NAME, () => backend);
};

/** What the registered backend computes on, whoever registered it. */
const infoOf = (backend: unknown): Partial<GPUAdapterInfo> => (backend as { readonly device?: { readonly adapterInfo?: GPUAdapterInfo } } | null)?.device?.adapterInfo ?? {};

const start = async (software: boolean): Promise<StartedBackend> => {
  // Null where there is none, whatever its type says.
  if ((tf.findBackendFactory(NAME) as unknown) === null) await register(software);
  const info = infoOf(tf.findBackend(NAME));
  if (!software) refuseSoftware(info);
  await tf.setBackend(NAME);
  installWebgpuKernels();
  return { how: isSoftware(info) ? `${titleOf(info)}, in software` : titleOf(info), threads: 1 };
};

/**
 * How WebGPU may run.
 *
 * @example
 * const options: WebgpuOptions = { software: true };
 */
export interface WebgpuOptions {
  /** Also on a driver that computes on processors, such as lavapipe: for tests, since wasm is many times as fast. Default false. */
  readonly software?: boolean;
}

/**
 * A graphics card of any maker, through WebGPU: Vulkan, Metal or Direct3D 12. It needs the npm packages `webgpu`, in the version
 * 0.6.2, and `@tensorflow/tfjs-backend-webgpu`, and no compiler.
 *
 * Values are read with `await tensor.data()` only; `dataSync()` is refused with a sentence.
 *
 * @param options - whether software will do. Where a list of candidates has one that does behind all others, it is taken only if
 *   somebody asks for `'webgpu'` by name
 * @returns a candidate that throws CodistillError `WEBGPU_NO_CARD`, `WEBGPU_SOFTWARE`, `WEBGPU_NO_ADAPTER`, `WEBGPU_ABSENT` or
 *   `WEBGPU_BROKEN` where it does not start
 * @example
 * const candidates = [webgpu(), webgpu({ software: true })];
 */
export const webgpu = ({ software = false }: WebgpuOptions = {}): BackendCandidate => ({
  name: NAME,
  backend: NAME,
  start: () => start(software),
});
