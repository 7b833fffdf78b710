import { CodistillError, type Ends, fold, type Key, say, type TermContext, type TermState } from '@codistill/core';
import type * as tf from '@tensorflow/tfjs';
import { pointwise, pointwiseKernel } from './pointwise.ts';
import { tapShapes } from './tap-shapes.ts';

const KERNEL = 'projector/kernel';
const BIAS = 'projector/bias';

/**
 * How a term brings the learner's channels to the source's: by nothing, or by a trained 1×1 convolution `f · K + b`.
 *
 * @example
 * const none = (projection: Projection): boolean => Object.keys(projection.state({ to: {}, from: {} }, [0, 1]).parameters).length === 0;
 */
export interface Projection {
  /** Sizes checked; with the projector's parameters if there is one. */
  state(ends: Ends, key: Key): TermState;
  /** The learner's tap, projected if there is a projector. */
  apply(f: tf.Tensor, context: TermContext): tf.Tensor;
}

/**
 * A projection for the learner's tap. Its first weights are `N(0, 1/channels)`, its bias is 0.
 *
 * @param loss - name of the term, for sentences
 * @param at - the tap
 * @param project - whether there is a projector
 * @returns a projection whose `state` throws `TAP_SIZE` where heights, widths or ranks differ, and `TAP_WIDTH` where channels do
 *   and there is no projector
 * @example
 * const r = projection('ofd', 'last', true);
 */
export const projection = (loss: string, at: string, project: boolean): Projection => ({
  state: (ends, key) => {
    const { learner, source } = tapShapes(loss, at, ends);
    const [channels, width] = [learner.at(-1) ?? 0, source.at(-1) ?? 0];
    if (!project) {
      if (channels !== width) throw new CodistillError('TAP_WIDTH', say.losses.projectionMissing(loss, at, width, channels));
      return { parameters: {}, buffers: {} };
    }
    return {
      parameters: { [KERNEL]: pointwiseKernel(fold(key, KERNEL), learner, width), [BIAS]: { shape: [width], values: new Float32Array(width) } },
      buffers: {},
    };
  },
  apply: (f, context) => (project ? pointwise(f, context.variable(KERNEL)).add(context.variable(BIAS)) : f),
});
