import { CodistillError, say } from '@codistill/core';
import type { Kernel } from '../install-kernels.ts';

const refused = (name: string, op: string): Kernel => ({
  name,
  compute: () => {
    throw new CodistillError('RESIZE_GRADIENT', say.backend.resizeGradient(op));
  },
});

/**
 * Gradients of resizing that the stock cpu backend computes wrongly (nearest neighbour, from the second image on) or throws at
 * (bilinear, images that are not square): refused.
 *
 * @example
 * console.log(refusedResizeGradients.map(({ name }) => name));
 */
export const refusedResizeGradients: readonly Kernel[] = [
  refused('ResizeNearestNeighborGrad', 'resizeNearestNeighbor'),
  refused('ResizeBilinearGrad', 'resizeBilinear'),
];
