import { type BackendCandidate, type Kernel, installKernels } from '@codistill/core';
import * as tf from '@tensorflow/tfjs';
import { avgPoolGrad } from '../avg-pool-grad.ts';
import { keyedUniform } from '../keyed-uniform.ts';
import { resizeGradients } from '../resize-gradients.ts';
import { soundConvolutions, soundPoolings } from '../sound-padding.ts';
import { unsortedSegmentSum } from '../unsorted-segment-sum.ts';
import { conv2dBackpropFilterOnCpu } from './conv2d-backprop-filter.ts';
import { transformPerImage } from './transform-per-image.ts';

const KERNELS: readonly Kernel[] = [
  conv2dBackpropFilterOnCpu,
  unsortedSegmentSum,
  avgPoolGrad,
  keyedUniform,
  ...resizeGradients,
  ...soundConvolutions,
  ...soundPoolings,
  transformPerImage,
];

/**
 * tfjs's backend in plain JavaScript: runs everywhere, slowly.
 *
 * @example
 * const { how } = await cpu().start({}); // 'plain JavaScript, for reference'
 */
export const cpu = (): BackendCandidate => ({
  name: 'cpu',
  backend: 'cpu',
  start: async () => {
    await tf.setBackend('cpu');
    installKernels('cpu', KERNELS);
    return { how: 'plain JavaScript, for reference', threads: 1 };
  },
});
