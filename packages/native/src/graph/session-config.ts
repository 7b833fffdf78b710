import { CodistillError, say } from '@codistill/core';
import { encode } from './descriptor.ts';

/**
 * How a session computes.
 *
 * @example
 * const reproducible: SessionConfig = { graphOptimizer: 'off', threads: 1 };
 */
export interface SessionConfig {
  /** Devices that nodes may be placed on; CPUs beyond the first are made for it. */
  readonly devices?: readonly string[];
  /**
   * What TensorFlow's graph optimiser (grappler) may do: `'full'`, `'exact'` for all but what changes the order of additions (arithmetic rewrites and fused
   * kernels), `'off'`. Default `'exact'`: a compiled step is the same as an uncompiled one to the bit.
   */
  readonly graphOptimizer?: 'full' | 'exact' | 'off';
  /** Threads of one kernel, and kernels at once; default: the machine's cores. */
  readonly threads?: number;
}

/** `RewriterConfig.Toggle.OFF`. */
const OFF = 2;

/**
 * A device's name as nodes carry it.
 *
 * @param device - `/GPU:0`, `GPU:0` or `/device:GPU:0`
 * @throws CodistillError `DEVICE_UNKNOWN`
 * @example
 * deviceName('/GPU:1'); // '/device:GPU:1'
 */
export const deviceName = (device: string): string => {
  const [, kind, index] = /^\/?(?:device:)?([A-Z]+):(\d+)$/.exec(device) ?? [];
  if (kind === undefined || index === undefined) throw new CodistillError('DEVICE_UNKNOWN', say.compile.deviceForm(device));
  return `/device:${kind}:${index}`;
};

/**
 * A `ConfigProto` as bytes. Memory of GPUs is taken as it is needed. Kernels that a named device lacks run on the CPU.
 *
 * @throws CodistillError `DEVICE_UNKNOWN`
 * @example
 * const bytes = sessionConfig({ devices: ['/CPU:0', '/CPU:1'] });
 */
export const sessionConfig = ({ devices = [], graphOptimizer = 'exact', threads }: SessionConfig = {}): Uint8Array => {
  const cpus = devices.flatMap((device) => /^\/device:CPU:(\d+)$/.exec(deviceName(device))?.[1] ?? []).map(Number);
  return encode('ConfigProto', {
    ...(cpus.length === 0 ? {} : { deviceCount: { CPU: Math.max(...cpus) + 1 } }),
    ...(threads === undefined ? {} : { intraOpParallelismThreads: threads, interOpParallelismThreads: threads }),
    gpuOptions: { allowGrowth: true },
    allowSoftPlacement: true,
    graphOptions: {
      ...(graphOptimizer === 'off' ? { optimizerOptions: { optLevel: -1 } } : {}),
      rewriteOptions:
        graphOptimizer === 'full' ? {} : graphOptimizer === 'off' ? { disableMetaOptimizer: true } : { constantFolding: OFF, arithmeticOptimization: OFF, remapping: OFF },
    },
  });
};
