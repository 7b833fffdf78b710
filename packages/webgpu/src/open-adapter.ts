import { existsSync } from 'node:fs';
import { CodistillError, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';

/**
 * What WebGPU computes on, and what the backend needs to reach it.
 *
 * @example
 * declare const opened: OpenedAdapter;
 * const device = await opened.adapter.requestDevice();
 */
export interface OpenedAdapter {
  readonly gpu: GPU;
  readonly adapter: GPUAdapter;
  /** The interfaces and constants of WebGPU by their names, which browsers have as globals. */
  readonly globals: object;
}

/** By one of these Linux reaches a card: its own drivers, NVIDIA's, Windows' below WSL. */
const CARDS = ['/dev/dri', '/dev/nvidiactl', '/dev/dxg'];

/**
 * Whether a graphics card can be here at all. Asking WebGPU itself loads 20 MB and, where Vulkan is not installed, complains on
 * standard error.
 *
 * @example
 * const message = mayHaveCard() ? 'ask WebGPU' : 'there is no card';
 */
export const mayHaveCard = (): boolean => process.platform !== 'linux' || CARDS.some((path) => existsSync(path));

const reasonOf = (error: unknown): string => String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? '';

/**
 * Loads a package that need not be installed.
 *
 * @throws CodistillError `WEBGPU_ABSENT`, `WEBGPU_BROKEN`
 * @example
 * const { create } = await optional(() => import('webgpu'));
 */
export const optional = async <T>(load: () => Promise<T>): Promise<T> => {
  try {
    return await load();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') throw new CodistillError('WEBGPU_ABSENT', say.backend.webgpuAbsent(), { cause: error });
    throw new CodistillError('WEBGPU_BROKEN', say.backend.webgpuBroken(reasonOf(error)), { cause: error });
  }
};

/**
 * Whether an adapter computes on processors, not on a card. Drivers say so themselves; the names are those of the ones there are.
 *
 * @example
 * declare const info: GPUAdapterInfo;
 * const how = isSoftware(info) ? 'in software' : 'on a card';
 */
export const isSoftware = ({ vendor, architecture, device, description, isFallbackAdapter }: Partial<GPUAdapterInfo>): boolean =>
  isFallbackAdapter === true || /software|swiftshader|llvmpipe|lavapipe|basic render|\bwarp\b|\bcpu\b/i.test([vendor, architecture, device, description].join(' '));

interface Instance {
  readonly gpu: GPU;
  readonly globals: object;
}

/**
 * The tfjs engine outlives module instances, so what runs is remembered on it and not in a variable here. It must be remembered:
 * devices do not hold the instance they came from, and compute in freed memory once it is collected.
 */
const INSTANCE = Symbol.for('codistill.webgpu');

const instance = async (): Promise<Instance> => {
  const engine = tf.engine() as unknown as Record<symbol, Instance | undefined>;
  const { create, globals } = await optional(() => import('webgpu'));
  return (engine[INSTANCE] ??= { gpu: create([]), globals });
};

/**
 * The fastest adapter of the machine, through the package `webgpu`.
 *
 * @throws CodistillError `WEBGPU_ABSENT`, `WEBGPU_BROKEN`; `WEBGPU_NO_ADAPTER` where no driver is found
 * @example
 * const { adapter } = await openAdapter();
 */
export const openAdapter = async (): Promise<OpenedAdapter> => {
  const { gpu, globals } = await instance();
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) throw new CodistillError('WEBGPU_NO_ADAPTER', say.backend.webgpuNoAdapter());
  return { gpu, adapter, globals };
};
