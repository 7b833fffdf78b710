import { type BackendCandidate, type Kernel, installKernels } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { avgPoolGrad } from '../avg-pool-grad.ts';
import { keyedUniform } from '../keyed-uniform.ts';
import { resizeGradients } from '../resize-gradients.ts';
import { soundPoolings } from '../sound-padding.ts';
import { unsortedSegmentSum } from '../unsorted-segment-sum.ts';
import { comparisons } from './comparisons.ts';
import { conv2dBackpropFilter, conv2dBackpropInput } from './conv2d-gradients.ts';
import { depthwiseBackpropFilter, depthwiseBackpropInput } from './depthwise-gradients.ts';
import { forwardCorrections } from './forward-corrections.ts';
import { leadingReductions } from './leading-reductions.ts';
import { maxPoolGrad } from './max-pool-grad.ts';
import { perChannelArithmetic } from './per-channel.ts';
import { sharedMemory } from './shared-memory.ts';
import { startWasm } from './start-wasm.ts';

const KERNELS: readonly Kernel[] = [
  conv2dBackpropFilter,
  conv2dBackpropInput,
  depthwiseBackpropFilter,
  depthwiseBackpropInput,
  unsortedSegmentSum,
  maxPoolGrad,
  avgPoolGrad,
  keyedUniform,
  ...resizeGradients,
  ...forwardCorrections,
  ...soundPoolings,
  ...leadingReductions,
  ...sharedMemory,
  ...comparisons,
  ...perChannelArithmetic,
];

/**
 * tfjs's wasm backend, with the kernels that training needs and it lacks: the fastest that needs npm packages only.
 *
 * @example
 * const { how } = await wasm().start({ threads: 1 }); // 'SIMD, 1 thread'
 */
export const wasm = (): BackendCandidate => ({
  name: 'wasm',
  backend: 'wasm',
  start: async ({ threads = 1 }) => {
    const real = await startWasm(threads);
    if (tf.getBackend() !== 'wasm') throw new Error('tfjs could not initialise it');
    installKernels('wasm', KERNELS);
    return { how: `SIMD, ${real} ${real === 1 ? 'thread' : 'threads'}`, threads: real };
  },
});
