import { type Kernel, installKernels } from '@codistill/core';
import { activationGradients, useActivationGradients } from './activation-gradients.ts';
import { batchNorm, useBatchNormGradient } from './batch-norm.ts';
import { clipByValue } from './clip-by-value.ts';
import { expandDims } from './expand-dims.ts';
import { keyedUniform } from './keyed-uniform.ts';
import { logSoftmax, useLogSoftmaxGradient } from './log-softmax.ts';
import { paddedPooling } from './padded-pooling.ts';
import { pointwiseGradients } from './pointwise-gradients.ts';
import { sumOverRows } from './sum-over-rows.ts';

const KERNELS: readonly Kernel[] = [keyedUniform, ...batchNorm, ...activationGradients, clipByValue, expandDims, logSoftmax, ...paddedPooling, ...pointwiseGradients, sumOverRows];

/**
 * Gives tfjs-node's backend the kernels it lacks, and those of TensorFlow that do in one what tfjs composes. A second call does
 * nothing.
 *
 * @example
 * installNativeKernels();
 */
export const installNativeKernels = (): void => {
  installKernels('tensorflow', KERNELS);
  useActivationGradients();
  useBatchNormGradient();
  useLogSoftmaxGradient();
};
