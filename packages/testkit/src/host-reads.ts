import * as tf from '@tensorflow/tfjs';

/**
 * Counts how often tensors' values are read on the host (dataSync, data, array, print) while a function runs.
 *
 * @param body - synchronous
 * @example
 * import * as tf from '@tensorflow/tfjs';
 * const { reads } = hostReads(() => tf.tidy(() => tf.scalar(1).dataSync())); // 1
 */
export const hostReads = <T>(body: () => T): { readonly result: T; readonly reads: number } => {
  const engine = tf.engine();
  let reads = 0;
  const counted =
    <Args extends readonly unknown[], R>(method: (...args: Args) => R): ((...args: Args) => R) =>
    (...args) => {
      reads += 1;
      return method(...args);
    };
  // Own properties hide the prototype's methods, until they are deleted.
  Object.assign(engine, { readSync: counted(engine.readSync.bind(engine)), read: counted(engine.read.bind(engine)) });
  try {
    const result = body();
    return { result, reads };
  } finally {
    Reflect.deleteProperty(engine, 'readSync');
    Reflect.deleteProperty(engine, 'read');
  }
};
