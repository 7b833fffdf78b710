import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { type BackendCandidate, CodistillError, type StartedBackend, say } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { findTfjsNode, loadableTfjsNode } from './install/tfjs-node.ts';
import { nativeCompiler } from './native-compiler.ts';
import { installNativeKernels } from './ops/native-kernels.ts';
import { loadAddon } from './session/load-addon.ts';
import { loadTfjsNode } from './session/load-tfjs-node.ts';

/** Threads are read from the environment when TensorFlow starts, for sessions and for single operations. */
const limitThreads = (threads: number): void => {
  for (const name of ['TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS']) process.env[name] ??= String(threads);
};

const isGpuInUse = (): boolean => (tf.findBackend('tensorflow') as unknown as { readonly isUsingGpuDevice?: boolean } | null)?.isUsingGpuDevice === true;

const start = async (threads: number | undefined): Promise<StartedBackend> => {
  if ((tf.findBackend('tensorflow') as tf.KernelBackend | null) === null) {
    if (threads !== undefined) limitThreads(threads);
    loadTfjsNode();
  }
  await tf.setBackend('tensorflow');
  installNativeKernels();
  const on = isGpuInUse() ? 'on the GPU' : 'on the CPU';
  const used = threads ?? availableParallelism();
  try {
    return { how: `TensorFlow ${loadAddon().version()} ${on}`, threads: used, compile: nativeCompiler() };
  } catch {
    // tfjs-node came with a library of its own.
    return { how: `tfjs-node as it came, ${on}, steps are not compiled: npx codistill-native install`, threads: used };
  }
};

/**
 * TensorFlow through tfjs-node, with compiled steps: on the GPU where there is one and the CUDA build is installed, else on the
 * CPU. It has to be installed, by `npx codistill-native install`.
 *
 * Starting it sets `TF_ENABLE_ONEDNN_OPTS=1`, `TF_MKL_OPTIMIZE_PRIMITIVE_MEMUSE=false`, `TF_FORCE_GPU_ALLOW_GROWTH=true` and
 * `TF_CPP_MIN_LOG_LEVEL=2` where they are not set.
 *
 * @returns a candidate that throws CodistillError `NATIVE_ABSENT` or `NATIVE_BROKEN` where it does not start
 * @example
 * const { how } = await native().start({}); // 'TensorFlow 2.21.0 on the CPU'
 */
export const native = (): BackendCandidate => ({
  name: 'native',
  backend: 'tensorflow',
  start: ({ threads }) => start(threads),
});

/**
 * {@link native}, but on a GPU or not at all.
 *
 * @returns a candidate that throws CodistillError `NATIVE_NO_GPU` where there is none, or it is not used
 * @example
 * const candidates = [nativeGpu(), native()];
 */
export const nativeGpu = (): BackendCandidate => ({
  name: 'native-gpu',
  backend: 'tensorflow',
  start: async ({ threads }) => {
    if (!isGpuInUse()) {
      const gpuBuild = findTfjsNode('@tensorflow/tfjs-node-gpu');
      if (!existsSync('/dev/nvidiactl')) throw new CodistillError('NATIVE_NO_GPU', say.native.noCard());
      if (gpuBuild === undefined || loadableTfjsNode()?.name !== gpuBuild.name) throw new CodistillError('NATIVE_NO_GPU', say.native.noGpuBuild());
    }
    const started = await start(threads);
    if (!isGpuInUse()) throw new CodistillError('NATIVE_NO_GPU', say.native.noGpu());
    return started;
  },
});
