import { type Kernel, installKernels } from '@codistill/core';
import { anyAndAll } from './any-and-all.ts';
import { avgPoolGrad } from './avg-pool-grad.ts';
import { broadcasts } from './broadcasts.ts';
import { cast } from './cast.ts';
import { cropAndResize } from './crop-and-resize.ts';
import { keyedUniform } from './keyed-uniform.ts';
import { pad } from './pad.ts';
import { resizeGradients } from './resize-gradients.ts';
import { soundPadding } from './sound-padding.ts';
import { transform } from './transform.ts';

const KERNELS: readonly Kernel[] = [keyedUniform, cast, avgPoolGrad, ...resizeGradients, cropAndResize, transform, pad, ...broadcasts, ...anyAndAll, ...soundPadding];

/**
 * Gives tfjs's webgpu backend the kernels it lacks, and corrects those that are wrong. A second call does nothing.
 *
 * @example
 * installWebgpuKernels();
 */
export const installWebgpuKernels = (): void => {
  installKernels('webgpu', KERNELS);
};
