import * as tf from '@tensorflow/tfjs';

/**
 * Computes gradients, and leaves nothing behind where that throws. tfjs keeps what each operation saved for the way back and frees
 * it at the end, which it does not reach if the function or the gradient of an operation throws.
 *
 * @param compute - calls `tf.grads`, `tf.variableGrads` or their like
 * @returns what `compute` returned
 * @throws whatever `compute` throws, with the tape freed
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * declare const loss: () => tf.Scalar;
 * const { value, grads } = freeTapeOnThrow(() => tf.variableGrads(loss));
 */
export const freeTapeOnThrow = <T>(compute: () => T): T => {
  try {
    return compute();
  } catch (error) {
    const { state } = tf.engine();
    const tape = state.activeTape as typeof state.activeTape | null; // null between gradients, whatever its type says
    // Within another gradient the tape is that one's, and still needed: it may go on from here.
    if (state.gradientDepth === 0) {
      for (const { saved } of tape ?? []) tf.dispose(saved);
      state.activeTape = [];
    }
    throw error;
  }
};
