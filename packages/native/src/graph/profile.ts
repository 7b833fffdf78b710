import { decode, encode } from './descriptor.ts';

/**
 * One kernel of a run.
 *
 * @example
 * const total = (kernels: readonly KernelTime[]): number => kernels.reduce((sum, { micros }) => sum + micros, 0);
 */
export interface KernelTime {
  /** Full name, such as `/job:localhost/replica:0/task:0/device:CPU:0`. */
  readonly device: string;
  readonly node: string;
  /** TensorFlow's name of the operation, where its label tells. */
  readonly op: string;
  readonly startMicros: number;
  readonly micros: number;
}

interface RunMetadata {
  readonly stepStats?: {
    readonly devStats: readonly {
      readonly device: string;
      readonly nodeStats: readonly {
        readonly nodeName: string;
        readonly allStartMicros: number;
        readonly opStartRelMicros: number;
        readonly opEndRelMicros: number;
        readonly timelineLabel: string;
      }[];
    }[];
  };
}

/**
 * `RunOptions` that ask for the times of every kernel.
 *
 * @example
 * const options = profiling();
 */
export const profiling = (): Uint8Array => encode('RunOptions', { traceLevel: 3 });

/**
 * What a run's metadata says about its kernels.
 *
 * @param metadata - a serialised `RunMetadata`
 * @example
 * const kernels = kernelsOf(new Uint8Array()); // []
 */
export const kernelsOf = (metadata: Uint8Array): readonly KernelTime[] =>
  ((decode('RunMetadata', metadata) as RunMetadata).stepStats?.devStats ?? []).flatMap(({ device, nodeStats }) =>
    nodeStats.map(({ nodeName, allStartMicros, opStartRelMicros, opEndRelMicros, timelineLabel }) => ({
      device,
      node: nodeName,
      op: /= ?(\w+)\(/.exec(timelineLabel)?.[1] ?? '',
      startMicros: allStartMicros + opStartRelMicros,
      micros: opEndRelMicros - opStartRelMicros,
    })),
  );
